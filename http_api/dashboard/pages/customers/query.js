// The query of customers in the address, as the server takes it. Pure functions.
import { catalogue } from "../../lib/catalogue.js";
import { isDay } from "../../lib/days.js";
import { pageOf, pageSizeOf } from "../../lib/paging.js";
import { withoutUnknown } from "../../lib/query.js";

/** @typedef {import("../../lib/query.js").Query} Query */

export const VIEWS = ["list", "board", "pool", "responses"];
export const RANGES = [
  { label: "customerFilter.created", from: "createdFrom", to: "createdUntil" },
  { label: "customerFilter.assigned", from: "assignedFrom", to: "assignedUntil" },
];
const DAYS = RANGES.flatMap(({ from, to }) => [from, to]);
const NAMES = [
  "search", "contractStatus", "leadLevel", "followUpStatus", "leadSource", "serviceCategory", "assignedTo", ...DAYS,
];
/** The filters that each list does not have. */
const ABSENT = { list: /** @type {string[]} */ ([]), board: ["contractStatus"], pool: ["assignedTo", "followUpStatus"],
  responses: NAMES };
/** The sort orders of each list; the first one is the default. */
const SORTS = {
  list: ["createdAt", "updatedAt", "assignedAt", "lastActivityAt"],
  board: ["lastActivityAt"],
  pool: ["publicPoolEntryTime", "createdAt", "updatedAt", "lastActivityAt"],
  responses: ["assignedAt"],
};

export const NO_FILTERS = Object.fromEntries([...NAMES, "page"].map((name) => [name, ""]));

/** @typedef {keyof typeof SORTS} View */
/**
 * @param {Query} query
 * @returns {View}
 */
export const viewOf = ({ view }) => /** @type {View} */ (VIEWS.includes(view) ? view : "list");

/** @param {Query} query @param {string} name */
export const offers = (query, name) => !ABSENT[viewOf(query)].includes(name);

/** @param {Query} query */
export const hasFilters = (query) => NAMES.some((name) => query[name] && offers(query, name));

/**
 * The query without what the filters do not offer. Values of dictionaries are not checked: retired ones can be asked
 * for, too.
 * @param {Query} query
 */
export function validQuery(query) {
  const known = withoutUnknown(query, {
    view: VIEWS,
    contractStatus: catalogue.customerStages,
    leadLevel: catalogue.leadLevels,
    followUpStatus: catalogue.followUpStatuses,
  });
  for (const day of DAYS) if (!isDay(known[day])) delete known[day];
  if (!/^[0-9a-f]{24}$/.test(known.assignedTo ?? "")) delete known.assignedTo;
  return known;
}

/**
 * The filters that the view offers.
 * @param {Query} query
 */
export const filtersOf = (query) =>
  Object.fromEntries(NAMES.filter((name) => query[name] && offers(query, name)).map((name) => [name, query[name]]));

/**
 * True if the address asks for these filters and no others. A saved view may also have an order, which does not count.
 * @param {Query} query
 * @param {Record<string, string>} filters
 */
export function shows(query, filters) {
  const asked = filtersOf(query);
  return NAMES.every((name) => (asked[name] ?? "") === (filters[name] ?? ""));
}

/**
 * The order, with a minus when it is descending.
 * @param {Query} query
 */
export function sortOf(query) {
  const fields = SORTS[viewOf(query)];
  const asked = query.sort?.replace(/^-/, "");
  return fields.includes(asked) ? query.sort : `-${fields[0]}`;
}

/**
 * The whole query of the list or the pool.
 * @param {Query} query
 * @returns {Record<string, unknown> & { page: number, pageSize: number }}
 */
export function listQuery(query) {
  const sort = sortOf(query);
  return {
    ...filtersOf(query),
    page: pageOf(query),
    pageSize: pageSizeOf(query),
    sortBy: sort.replace(/^-/, ""),
    sortOrder: sort.startsWith("-") ? "desc" : "asc",
  };
}
