// Where the records of each kind are shown. Pure.

/** @type {Record<string, { page: string, name: string }>} by the kind: the page, and the name of the record there */
const PAGES = {
  contract: { page: "contracts", name: "contract" },
  customer: { page: "customers", name: "customer" },
  interview: { page: "interviews", name: "room" },
  "miniprogram-user": { page: "users", name: "user" },
};

/**
 * The page and the query that show a record; null when no page does.
 * @param {string} kind
 * @param {string} id
 * @returns {{ page: string, query: Record<string, string> } | null}
 */
export function placeOf(kind, id) {
  const { page, name } = PAGES[kind] ?? {};
  return page && name ? { page, query: { [name]: id } } : null;
}
