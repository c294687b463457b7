// Why a customer of the pool cannot be claimed: shown before the click. The server decides. Pure.
import { catalogue } from "../../../lib/catalogue.js";

const HOUR_MS = 3_600_000;

/**
 * The reason as the last part of its text's key, and the values of the text; null when the claim may be tried.
 * @param {Pick<Rest.CustomerAnswer, "actions" | "isFrozen" | "releasedBy" | "releasedAt">} customer
 * @param {Rest.Capacity | null} capacity null while it is not known
 * @param {string} ownId
 * @param {number} now
 * @returns {{ reason: string, values?: Record<string, unknown>, until?: number } | null}
 */
export function claimObstacle(customer, capacity, ownId, now) {
  if (customer.isFrozen) return { reason: "frozen" };
  if (!customer.actions.includes("claim")) return { reason: "notAllowed" };
  const until = customer.releasedAt ? Date.parse(customer.releasedAt) + catalogue.reclaimHours * HOUR_MS : 0;
  if (customer.releasedBy === ownId && now < until) return { reason: "released", until };
  return capacity && capacityObstacle(capacity, 1);
}

/**
 * Why not so many customers can be claimed at once.
 * @param {Rest.Capacity} capacity
 * @param {number} count
 */
export function capacityObstacle({ held, cap, claimedToday, dailyCap }, count) {
  if (held + count > cap) return { reason: "held", values: { held, cap } };
  if (claimedToday + count > dailyCap) return { reason: "daily", values: { claimed: claimedToday, cap: dailyCap } };
  return null;
}
