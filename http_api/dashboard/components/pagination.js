// Pages of a list, with its total; the server bounds how deep a list can be paged.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { number } from "../lib/format.js";
import { setQuery } from "../lib/router.js";
import { Button } from "./button.js";
import { Empty } from "./states.js";

const DEEPEST_ROW = 10_000;
const TOO_DEEP = "PAGE_TOO_DEEP";
export const PAGE_SIZES = [20, 50, 100];

/** The page that the address names; the first one when it names none. */
export const pageOf = ({ page }) => (/^[1-9]\d{0,8}$/.test(page) ? Number(page) : 1);

/** Whether `page` lies behind the last one: rows went away meanwhile, or a link was mistyped. */
export function isPastTheEnd({ data, error, stale }, page, rows) {
  return page > 1 && (data ? data.total > 0 && rows.length === 0 && !stale : error?.code === TOO_DEEP);
}

export function PastTheEnd({ error }) {
  return html`<${Empty} title=${t("pagination.pastTheEnd")}
    hint=${error?.code === TOO_DEEP && t("pagination.tooDeep", { n: number(DEEPEST_ROW) })}
    actionLabel=${t("pagination.toFirst")} action=${() => setQuery({ page: "" })} />`;
}

/** 1 … 4 5 6 … 20, with null for a gap. */
export function pageWindow(page, last) {
  const wanted = new Set([1, last, page - 1, page, page + 1]);
  if (page <= 3) [2, 3, 4].forEach((number) => wanted.add(number));
  if (page >= last - 2) [last - 1, last - 2, last - 3].forEach((number) => wanted.add(number));
  const pages = [...wanted].filter((number) => number >= 1 && number <= last).sort((a, b) => a - b);
  return pages.flatMap((number, index) => (index && number - pages[index - 1] > 1 ? [null, number] : [number]));
}

export function Pagination({ total, page, pageSize, setPage, setPageSize }) {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const last = Math.min(pages, Math.floor(DEEPEST_ROW / pageSize));
  return html`<nav class="pagination" aria-label=${t("pagination.label")}>
    <span class="muted total">${t("pagination.total", { n: number(total) })}
      ${pages > last ? ` · ${t("pagination.deep", { n: number(DEEPEST_ROW) })}` : ""}</span>
    <div class="pages">
      <${Button} small iconOnly icon="left" kind="ghost" label=${t("pagination.previous")} disabled=${page <= 1}
        action=${() => setPage(Math.min(page - 1, last))} />
      ${pageWindow(page, last).map((number, index) => number === null
        ? html`<span class="gap" key=${`gap${index}`}>…</span>`
        : html`<button type="button" key=${number} class="page-number"
          aria-current=${number === page ? "page" : undefined} onClick=${() => setPage(number)}>${number}</button>`)}
      <${Button} small iconOnly icon="right" kind="ghost" label=${t("pagination.next")} disabled=${page >= last}
        action=${() => setPage(page + 1)} />
    </div>
    <select class="page-size" aria-label=${t("pagination.size")} value=${String(pageSize)}
      onChange=${(event) => setPageSize(Number(event.target.value))}>
      ${PAGE_SIZES.map((size) => html`<option key=${size}
        value=${String(size)}>${t("pagination.perPage", { n: size })}</option>`)}
    </select>
  </nav>`;
}
