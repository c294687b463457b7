// The reader's own notifications: the unread count, and what can be done with one.
import { call } from "../../lib/api.js";
import { go } from "../../lib/router.js";
import { createStore } from "../../lib/store.js";
import { toastError } from "../../components/toast.js";
import { isUnread, targetOf } from "./rows.js";

/** Pushed by the server after each change; null until then. */
export const unread = createStore(/** @type {number | null} */ (null));

/**
 * Marks as read and shows what the row is about. All tabs follow the push.
 * @param {Rest.Notification} row
 */
export function openRow(row) {
  readRow(row).catch(toastError);
  const target = targetOf(row);
  if (target) go(target.page, target.query);
}

/**
 * Throws ApiError.
 * @param {Rest.Notification} row
 */
export async function readRow(row) {
  if (isUnread(row)) await call("PUT", "/notifications/mark-read", { body: { notificationIds: [row.id] } });
}

/**
 * @param {string} [before] a later notification, which the reader has not seen, stays unread
 */
export const readAll = (before) =>
  call("PUT", "/notifications/mark-all-read", { body: before ? { before } : {} }).catch(toastError);
