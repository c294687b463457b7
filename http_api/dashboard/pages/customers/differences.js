// Differences between two readings of a customer, in words: shown after a conflict.
import { t } from "../../lib/i18n.js";
import { isDictionary } from "./enums.js";
import { NAMES, textOf } from "./form/fields.js";
import { ownerOf } from "./words.js";

/** @typedef {import("./words.js").Customer} Customer */

/** @type {Record<string, (customer: Customer) => string>} */
const OWN_TEXTS = {
  contractStatus: ({ contractStatus }) => t(`customerStage.${contractStatus}`),
  leadLevel: ({ leadLevel }) => t(`leadLevel.${leadLevel}`),
  owner: ownerOf,
};

/**
 * @param {Customer} before
 * @param {Customer} after
 * @param {import("./enums.js").Enums} enums
 * @returns {string[]} a text for each field
 */
export function differences(before, after, enums) {
  /** @param {Customer} customer @param {string} name */
  function shown(customer, name) {
    if (OWN_TEXTS[name]) return OWN_TEXTS[name](customer);
    return isDictionary(name) ? enums.labelOf(name, textOf(customer, name)) : textOf(customer, name);
  }
  return [...Object.keys(OWN_TEXTS), ...NAMES].flatMap((name) => {
    const [from, to] = [shown(before, name), shown(after, name)];
    return from === to ? [] : `${t(`customerField.${name}`)}：${from || "—"} → ${to || "—"}`;
  });
}
