// The query of the list of users in the address. Pure functions.
import { endOfDay, startOfDay } from "../../lib/format.js";
import { isDay } from "../../lib/days.js";
import { catalogue } from "../../lib/catalogue.js";
import { withoutUnknown } from "../../lib/query.js";

/** @typedef {import("../../lib/query.js").Query} Query */

export const STATUSES = ["active", "inactive", "blocked"];
export const RANGES = [
  { label: "userFilter.created", from: "createdFrom", to: "createdTo" },
  { label: "userFilter.lastLogin", from: "lastLoginFrom", to: "lastLoginTo" },
];
const CHOICES = ["status", "hasPhone", "province", "needsReview"];
const NAMES = ["search", ...CHOICES, ...RANGES.flatMap(({ from, to }) => [from, to])];

export const NO_FILTERS = Object.fromEntries([...NAMES, "page"].map((name) => [name, ""]));
/** @param {Query} query */
export const hasFilters = (query) => NAMES.some((name) => query[name]);

/**
 * The query without what the filters do not offer.
 * @param {Query} query
 */
export function validQuery(query) {
  const known = withoutUnknown(query, {
    status: STATUSES, hasPhone: ["true", "false"], province: catalogue.provinces, needsReview: ["true"],
  });
  for (const day of RANGES.flatMap(({ from, to }) => [from, to])) if (!isDay(known[day])) delete known[day];
  return known;
}

/**
 * The filters as the server takes them: days of the agency become instants.
 * @param {Query} query
 */
export function filtersOf(query) {
  /** @type {Query} */
  const filters = {};
  for (const name of NAMES) if (query[name]) filters[name] = query[name];
  for (const { from, to } of RANGES) {
    if (filters[from]) filters[from] = startOfDay(filters[from]);
    if (filters[to]) filters[to] = endOfDay(filters[to]);
  }
  return filters;
}
