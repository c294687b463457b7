// The query of the operation log in the address. Pure functions.
import { endOfDay, startOfDay } from "../../lib/format.js";
import { pageOf, pageSizeOf } from "../../lib/paging.js";
import { withoutUnknown } from "../../lib/query.js";

/** @typedef {import("../../lib/query.js").Query} Query */

export const TARGETS = [
  "contract", "customer", "customer-view", "pool-rules", "lead-transfer-rule", "dictionary", "miniprogram-user",
  "interview", "notification-template", "staff", "role", "department", "file", "connection",
];
const NAMES = ["search", "action", "target", "record", "from", "to"];
/** @param {string} text */
const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

export const NO_FILTERS = Object.fromEntries([...NAMES, "page"].map((name) => [name, ""]));
/** @param {Query} query */
export const hasFilters = (query) => NAMES.some((name) => query[name]);

/**
 * The query without what the filters do not offer.
 * @param {Query} query
 * @param {string[]} actions
 */
export function validQuery(query, actions) {
  const known = withoutUnknown(query, { action: actions, target: TARGETS });
  for (const day of ["from", "to"]) if (!isDay(known[day])) delete known[day];
  return known;
}

/**
 * The filters as the server takes them: days of the agency become instants.
 * @param {Query} query
 */
export function listQuery(query) {
  return {
    page: pageOf(query),
    pageSize: pageSizeOf(query),
    actor: query.search,
    action: query.action,
    targetKind: query.target,
    targetId: query.record,
    since: query.from && startOfDay(query.from),
    until: query.to && endOfDay(query.to),
  };
}
