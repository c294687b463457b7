// Pages of a list and its total. The server limits how far a list can be paged.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { number } from "../lib/format.js";
import { PAGE_SIZES, TOO_DEEP, pageWindow } from "../lib/paging.js";
import { setQuery } from "../lib/router.js";
import { Button } from "./button.js";
import { Select } from "./select.js";
import { Empty } from "./states.js";

const DEEPEST_ROW = 10_000;

/** @param {{ error: import("../lib/http.js").ApiError | null }} props */
export function PastTheEnd({ error }) {
  return html`<${Empty} title=${t("pagination.pastTheEnd")}
    hint=${error?.code === TOO_DEEP && t("pagination.tooDeep", { n: number(DEEPEST_ROW) })}
    actionLabel=${t("pagination.toFirst")} action=${() => setQuery({ page: "" })} />`;
}

/**
 * The address holds the page and the page size.
 * @param {{ total: number, page: number, pageSize: number }} props
 */
export function Pagination({ total, page, pageSize }) {
  /** @param {number} wanted */
  const setPage = (wanted) => setQuery({ page: wanted === 1 ? "" : wanted });
  /** @param {number} size */
  const setPageSize = (size) => setQuery({ pageSize: size === PAGE_SIZES[0] ? "" : size, page: "" });
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const last = Math.min(pages, Math.floor(DEEPEST_ROW / pageSize));
  return html`<nav class="pagination" aria-label=${t("pagination.label")}>
    <span class="muted total">${t("pagination.total", { n: number(total) })}
      ${pages > last ? ` · ${t("pagination.deep", { n: number(DEEPEST_ROW) })}` : ""}</span>
    <div class="pages">
      <${Button} small iconOnly icon="left" kind="ghost" label=${t("pagination.previous")} disabled=${page <= 1}
        action=${() => setPage(Math.min(page - 1, last))} />
      ${pageWindow(page, last).map((each, index) => each === null
        ? html`<span class="gap" key=${`gap${index}`}>…</span>`
        : html`<button type="button" key=${each} class="page-number"
          aria-current=${each === page ? "page" : undefined} onClick=${() => setPage(each)}>${each}</button>`)}
      <${Button} small iconOnly icon="right" kind="ghost" label=${t("pagination.next")} disabled=${page >= last}
        action=${() => setPage(page + 1)} />
    </div>
    <${Select} className="page-size" label=${t("pagination.size")} value=${String(pageSize)}
      choose=${(/** @type {string} */ size) => setPageSize(Number(size))}
      options=${PAGE_SIZES.map((size) => [String(size), t("pagination.perPage", { n: size })])} />
  </nav>`;
}
