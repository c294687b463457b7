// The search of all areas in the top bar: arrows choose, Enter opens, Esc closes.
import { html, useEffect, useRef, useState } from "../lib/view.js";
import { get } from "../lib/api.js";
import { number } from "../lib/format.js";
import { useSearch } from "../lib/hooks.js";
import { t } from "../lib/i18n.js";
import { go, hrefOf } from "../lib/router.js";
import { Icon } from "./icons.js";
import { Tag } from "./tag.js";

/**
 * @typedef {import("../pages/index.js").Page} Page
 * @typedef {{ page: Page, group: Rest.SearchGroup, choices: Choice[] }} Section
 * @typedef {{ index: number, query: Record<string, string>, hit?: Rest.Hit }} Choice without a hit: all of the area
 */

/**
 * The groups that a page can open, with the choices numbered from the first to the last.
 * @param {Rest.SearchGroup[]} groups
 * @param {string} text what was searched for
 * @param {Page[]} pages
 * @returns {Section[]}
 */
function sectionsOf(groups, text, pages) {
  let index = 0;
  return groups.flatMap((group) => {
    const page = pages.find(({ name }) => name === group.area);
    if (!page?.found || !(group.total || group.problem)) return [];
    const { open, all } = page.found;
    /** @type {Choice[]} */
    const choices = group.hits.map((hit) => ({ index: index++, query: open(hit.id), hit }));
    if (group.total > group.hits.length) choices.push({ index: index++, query: all(text) });
    return [{ page, group, choices }];
  });
}

/** @param {{ pages: Page[] }} props */
export function GlobalSearch({ pages }) {
  const [text, setText] = useState("");
  /** @type {(text: string, signal: AbortSignal) => Promise<Rest.SearchAnswer>} */
  const read = (wanted, signal) => get("/search", { q: wanted }, signal);
  const { found, look } = useSearch(read);
  const [chosen, setChosen] = useState(0);
  const [focused, setFocused] = useState(false);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const sections = sectionsOf(found?.data?.groups ?? [], found?.text ?? "", pages);
  const choices = sections.flatMap(({ page, choices: own }) => own.map((choice) => ({ ...choice, page })));
  const open = focused && text.trim() !== "";
  useEffect(() => document.getElementById(`find-${chosen}`)?.scrollIntoView({ block: "nearest" }), [chosen]);

  /** @param {any} event */
  function typed(event) {
    setText(event.target.value);
    setChosen(0);
    look(event.target.value.trim());
  }
  function leave() {
    setText("");
    look("");
    input.current?.blur();
  }
  /** @param {number} index */
  function pick(index) {
    const { page, query } = choices[index];
    leave(); // first: the drawer gives the focus back to where it was
    go(page.name, query);
  }
  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const count = choices.length;
      if (count) setChosen((chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter" && found?.text === text.trim() && choices[chosen]) pick(chosen);
    else if (event.key === "Escape") leave();
  }

  return html`<div class=${`quick-find ${focused ? "focused" : ""}`} role="search">
    <${Icon} name="search" />
    <input ref=${input} type="search" value=${text} onInput=${typed} onKeyDown=${pressed}
      onFocus=${() => setFocused(true)} onBlur=${() => setFocused(false)} placeholder=${t("find.placeholder")}
      aria-label=${t("find.placeholder")} autocomplete="off" maxlength="64" role="combobox" aria-expanded=${open}
      aria-controls="find-results" aria-activedescendant=${open && choices.length ? `find-${chosen}` : undefined}
      data-testid="global-search" />
    <kbd aria-hidden="true">/</kbd>
    ${open && html`<div class="find-results" id="find-results" role="listbox" aria-label=${t("find.results")}
      onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()} data-testid="find-results">
      ${found?.error ? html`<p class="find-note">${found.error.message}</p>`
        : sections.length === 0 && html`<p class="find-note">${t(found ? "find.none" : "find.searching")}</p>`}
      ${sections.map((section) => html`<${Results} key=${section.page.name} section=${section} chosen=${chosen}
        pick=${pick} />`)}
    </div>`}
  </div>`;
}

/**
 * The hits of one area, or the reason why it could not search.
 * @param {{ section: Section, chosen: number, pick: (index: number) => void }} props
 */
function Results({ section: { page, group, choices }, chosen, pick }) {
  const title = t(`${page.name}.title`);
  /** @param {Rest.Hit} hit */
  const row = ({ title: name, detail, status }) => html`<span class="find-name">${name || t("find.unnamed")}</span>
    <span class="muted numeric find-detail">${detail}</span>
    ${status && html`<${Tag} kind="neutral">${t(`${page.found?.statusText}.${status}`)}<//>`}`;
  return html`<div role="group" aria-label=${title} data-testid=${`found-${group.area}`}>
    <p class="find-area" aria-hidden="true"><${Icon} path=${page.icon} size=${14} />${title}</p>
    ${group.problem && html`<p class="find-note">${group.problem.message}</p>`}
    ${choices.map(({ index, query, hit }) => html`<a key=${hit?.id ?? "all"} id=${`find-${index}`} role="option"
      class=${`find-row ${hit ? "" : "find-all"}`} aria-selected=${index === chosen} href=${hrefOf(page.name, query)}
      onClick=${(/** @type {Event} */ event) => { event.preventDefault(); pick(index); }}>
      ${hit ? row(hit) : t("find.all", { n: number(group.total), area: title })}</a>`)}
  </div>`;
}
