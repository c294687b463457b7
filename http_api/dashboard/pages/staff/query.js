// The query of the list of staff in the address. Pure functions.
import { pageOf, pageSizeOf } from "../../lib/paging.js";
import { withoutUnknown } from "../../lib/query.js";

/** @typedef {import("../../lib/query.js").Query} Query */

export const STATUSES = ["active", "suspended", "inactive"];
const FILTERS = ["search", "role", "department", "status"];

export const NO_FILTERS = Object.fromEntries([...FILTERS, "page"].map((name) => [name, ""]));
/** @param {Query} query */
export const hasFilters = (query) => FILTERS.some((name) => query[name]);
/** @param {Query} query */
export const validQuery = (query) => withoutUnknown(query, { status: STATUSES });

/**
 * The query as the server takes it.
 * @param {Query} query
 * @returns {{ page: number, pageSize: number, [filter: string]: unknown }}
 */
export function listQuery(query) {
  const filters = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));
  return { page: pageOf(query), pageSize: pageSizeOf(query), ...filters };
}

/** @param {Rest.StaffAnswer} account */
export const statusOf = ({ active, suspended }) => (!active ? "inactive" : suspended ? "suspended" : "active");
