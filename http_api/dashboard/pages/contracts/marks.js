// How a change is marked on the board and in the list.

export const MARKED_MS = 45_000;

/**
 * `kind` is moved, fresh, signed or updated.
 * @param {{ cause: Push.Cause, from?: string, to?: string }} push
 * @returns {import("../../lib/live-list.js").Mark}
 */
export function markOf({ cause, from, to }) {
  if (from && from !== to) return { kind: "moved", to };
  return { kind: cause === "created" ? "fresh" : cause === "signer" ? "signed" : "updated", to };
}
