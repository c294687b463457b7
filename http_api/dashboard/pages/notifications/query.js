// The query of notifications in the address. Pure functions.
import { moved } from "../../lib/days.js";
import { startOfDay, today } from "../../lib/format.js";
import { pageOf, pageSizeOf } from "../../lib/paging.js";
import { withoutUnknown } from "../../lib/query.js";

/** @typedef {import("../../lib/query.js").Query} Query */

export const STATUSES = ["unread", "read"];
export const KINDS = ["contract", "customer", "interview", "staff", "role", "miniprogram-user"];
/** Names of periods up to now to the days before today that they begin. */
export const PERIODS = { today: 0, week: 6, month: 29 };
const FILTERS = ["status", "kind", "type", "period"];

export const NO_FILTERS = Object.fromEntries([...FILTERS, "page"].map((name) => [name, ""]));
/** @param {Query} query */
export const hasFilters = (query) => FILTERS.some((name) => query[name]);
/** @param {Query} query */
export const validQuery = (query) =>
  withoutUnknown(query, { status: STATUSES, kind: KINDS, period: Object.keys(PERIODS) });

/**
 * The query as the server takes it.
 * @param {Query} query
 * @returns {{ page: number, pageSize: number, [filter: string]: unknown }}
 */
export function listQuery(query) {
  const { status, kind, type, period } = query;
  const back = PERIODS[/** @type {keyof typeof PERIODS} */ (period)];
  const since = back === undefined ? undefined : startOfDay(moved(today(), { days: -back }));
  return { page: pageOf(query), pageSize: pageSizeOf(query), status, kind, type, since };
}

/**
 * True if a notification that has just come is listed.
 * @param {Rest.Notification} row
 * @param {Query} query
 */
export const matches = ({ type, about }, { status, kind, type: wanted }) =>
  status !== "read" && (!kind || about?.kind === kind) && (!wanted || type === wanted);
