// The address behind `#` is the view: a page name (empty for the first page) and its query. Sharing the address shares
// the filters.
import { queryText } from "./query.js";
import { createStore } from "./store.js";

/** @typedef {import("./query.js").Query} Query */
/** @typedef {Record<string, string | number | boolean | null | undefined>} QueryChanges */

/** @returns {{ page: string, query: Query }} */
function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { page: path, query: Object.fromEntries(new URLSearchParams(query)) };
}

export const route = createStore(read());
// Fragment links, typed addresses, back and forward all arrive as popstate.
window.addEventListener("popstate", () => route.set(read()));

/**
 * @param {string} page
 * @param {QueryChanges} [query] empty values are left out
 */
export const hrefOf = (page, query) => `#/${page}${queryText(query)}`;

/**
 * @param {string} page
 * @param {QueryChanges} [query]
 * @param {{ replace?: boolean }} [options] `replace`: without an entry in the browser's history
 */
export function go(page, query = {}, { replace = false } = {}) {
  const href = hrefOf(page, query);
  if (href === location.hash) return;
  // Neither call raises popstate.
  history[replace ? "replaceState" : "pushState"](null, "", href);
  route.set(read());
}

/**
 * @param {QueryChanges} changes
 * @param {{ replace?: boolean }} [options]
 */
export function setQuery(changes, options) {
  const { page, query } = route.get();
  go(page, { ...query, ...changes }, options);
}
