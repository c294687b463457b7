// Queries of addresses and requests. Pure functions.

/** @typedef {Record<string, string>} Query */

/**
 * `?name=value&…` without empty values; empty when there are none.
 * @param {Record<string, unknown>} [query]
 */
export function queryText(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

/**
 * The query without values that a page does not offer; an old or mistyped link may have them.
 * @param {Query} query
 * @param {Record<string, string[]>} offered a name in the query to its values
 * @returns {Query}
 */
export function withoutUnknown(query, offered) {
  return Object.fromEntries(Object.entries(query).filter(([name, value]) => offered[name]?.includes(value) ?? true));
}
