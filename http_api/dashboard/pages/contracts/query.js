// The query of contracts in the address, for the server and for cards that are pushed. Pure functions.
import { catalogue } from "../../lib/catalogue.js";
import { moved } from "../../lib/days.js";
import { today } from "../../lib/format.js";
import { withoutUnknown } from "../../lib/query.js";
import { STATUSES, endingOf } from "./words.js";

/** @typedef {import("../../lib/query.js").Query} Query */

const NAMES = ["search", "status", "category", "type", "owner", "ending"];
export const ENDINGS = ["soon", "expired"];
export const categories = () => Object.keys(catalogue.contractTypes);
export const types = () => Object.values(catalogue.contractTypes).flat();

export const NO_FILTERS = Object.fromEntries([...NAMES, "page"].map((name) => [name, ""]));
/** @param {Query} query */
export const hasFilters = (query) => NAMES.some((name) => query[name]);

/**
 * The query without what the filters do not offer.
 * @param {Query} query
 */
export const validQuery = (query) =>
  withoutUnknown(query, { status: STATUSES, category: categories(), type: types(), ending: ENDINGS });

/**
 * The filters as the server takes them.
 * @param {Query} query
 */
export function filtersOf(query) {
  return {
    showAll: true,
    search: query.search,
    orderCategory: query.category,
    contractType: query.type,
    ownerId: query.owner,
    endingUntil: query.ending === "soon" ? moved(today(), { days: catalogue.endingSoonDays }) : undefined,
    serviceExpired: query.ending === "expired" ? true : undefined,
  };
}

/**
 * True if a card belongs to the shown ones. A search also finds phones, which cards do not have: `found` means that the
 * server found this contract before.
 * @param {Push.ContractCard} card
 * @param {Query} query
 * @param {string} ownId
 * @param {boolean} found
 */
export function matches(card, query, ownId, found) {
  const typed = (query.search ?? "").toLowerCase().replace(/\s/g, "");
  const named = [card.customerName, card.workerName, card.contractNumber].join("\n").toLowerCase();
  return !card.isDeleted
    && (!query.category || card.orderCategory === query.category)
    && (!query.type || card.contractType === query.type)
    && (!query.owner || card.ownerId === query.owner)
    && (!ownId || card.ownerId === ownId)
    && (!query.ending || endingOf(card) === query.ending)
    && (!typed || found || named.includes(typed));
}
