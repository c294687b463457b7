// The address behind `#` is the view: a page name (empty for the first page) and its query. Sharing the address shares
// the filters.
import { createStore } from "./store.js";

function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { page: path, query: Object.fromEntries(new URLSearchParams(query)) };
}

export const route = createStore(read());
// Fragment links, typed addresses, back and forward all arrive as popstate.
window.addEventListener("popstate", () => route.set(read()));

export function hrefOf(page, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `#/${page}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

export function go(page, query = {}, { replace = false } = {}) {
  const href = hrefOf(page, query);
  if (href === location.hash) return;
  // Neither call raises popstate, so the route is told by hand.
  history[replace ? "replaceState" : "pushState"](null, "", href);
  route.set(read());
}

/** The query without choices that a page does not offer, as a link may name them that is old or mistyped.
 * `offered`: a name in the query to its values. */
export function withoutUnknown(query, offered) {
  return Object.fromEntries(Object.entries(query).filter(([name, value]) => offered[name]?.includes(value) ?? true));
}

export function setQuery(changes, options) {
  const { page, query } = route.get();
  go(page, { ...query, ...changes }, options);
}
