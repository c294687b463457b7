// Notifications as they are listed: groups, what a push changes, links. Pure functions.
import { placeOf } from "../../lib/records.js";

/** @typedef {Rest.Notification} Row */
/** @typedef {{ kind: string, rows: Row[] }} KindGroup */
/** @typedef {{ day: string, kinds: KindGroup[] }} DayGroup */

export const OTHER = "other"; // rows of the former system name no record

/** @param {Row} row */
export const isUnread = ({ status }) => status !== "READ";

/**
 * By day, then by the kind of the record that they are about; both in the order of their newest rows.
 * @param {Row[]} rows newest first
 * @param {(instant: string) => string} dayOf
 * @returns {DayGroup[]}
 */
export function groupsOf(rows, dayOf) {
  /** @type {Map<string, Map<string, Row[]>>} */
  const days = new Map();
  for (const row of rows) {
    const day = dayOf(row.createdAt);
    const kinds = days.get(day) ?? new Map();
    const kind = row.about?.kind ?? OTHER;
    kinds.set(kind, [...(kinds.get(kind) ?? []), row]);
    days.set(day, kinds);
  }
  return [...days].map(([day, kinds]) => ({ day, kinds: [...kinds].map(([kind, own]) => ({ kind, rows: own })) }));
}

/**
 * The rows after some were read, here or in another tab.
 * @param {Row[]} rows
 * @param {Push.ReadPush} read without ids: all rows up to `before`
 * @returns {Row[]}
 */
export function afterRead(rows, { ids, before }) {
  const until = before ? Date.parse(before) : Infinity;
  /** @param {Row} row */
  const concerned = (row) => (ids.length ? ids.includes(row.id) : Date.parse(row.createdAt) <= until);
  return rows.map((row) => (isUnread(row) && concerned(row) ? { ...row, status: "READ" } : row));
}

/**
 * The relation of a pushed row to the shown ones: new, more facts in a known row, or nothing that they lack. Events
 * may be repeated.
 * @param {Row[]} rows newest first
 * @param {Row} pushed
 * @returns {"new" | "merged" | "known"}
 */
export function newsOf(rows, pushed) {
  const known = rows.find(({ id }) => id === pushed.id);
  if (known) return pushed.count > known.count ? "merged" : "known";
  return !rows.length || Date.parse(pushed.createdAt) >= Date.parse(rows[0].createdAt) ? "new" : "known";
}

/**
 * Tells repeated pushes from new ones, of the last `size` rows.
 * @returns {(row: Row) => boolean} whether the row, or its number of facts, is new
 */
export function createNewsFilter(size = 200) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return ({ id, count }) => {
    if (count <= (counts.get(id) ?? 0)) return false;
    counts.delete(id); // the order is that of the latest push
    counts.set(id, count);
    if (counts.size > size) counts.delete(/** @type {string} */ (counts.keys().next().value));
    return true;
  };
}

/**
 * The page and the query that a row leads to. An address of the former system, which its templates still have, leads
 * to the record that the row is about.
 * @param {Row} row
 * @returns {{ page: string, query: Record<string, string> } | null}
 */
export function targetOf({ actionUrl, about }) {
  const [, page, query = ""] = /^#\/([\w-]+)(?:\?(.*))?$/.exec(actionUrl) ?? [];
  if (page) return { page, query: Object.fromEntries(new URLSearchParams(query)) };
  return about && /^\/\w/.test(actionUrl) ? placeOf(about.kind, about.id) : null;
}

/** @param {Row} row */
export const asksForAction = (row) => row.priority === "HIGH" && isUnread(row) && targetOf(row) !== null;

/**
 * The number in a badge, which has little room.
 * @param {number} count
 */
export const badgeText = (count) => (count > 99 ? "99+" : String(count));

/**
 * The texts in the reader's language; rows of the former system have Chinese ones only.
 * @param {Row} row
 * @param {string} language
 */
export function wordsOf(row, language) {
  const { title, titleEn, content, contentEn, actionText, actionTextEn } = row;
  return language === "en"
    ? { title: titleEn || title, content: contentEn || content, action: actionTextEn || actionText }
    : { title, content, action: actionText };
}
