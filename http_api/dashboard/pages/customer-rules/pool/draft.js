// The pool rules as a form has them, and as the server takes them. Pure functions.
import { isBetween } from "../../../lib/field-checks.js";

/** @typedef {{ leadLevel: string, leadSource: string, days: string }} Row `days` empty: they do not fall */
/** @typedef {{ enabled: boolean, rows: Row[], keepLimit: string }} Draft */

/**
 * @param {Rest.PoolRulesAnswer} rules
 * @returns {Draft}
 */
export const draftOf = ({ enabled, rules, keepLimit }) => ({
  enabled,
  keepLimit: String(keepLimit),
  rows: rules.map(({ leadLevel, leadSource, days }) => ({
    leadLevel: leadLevel ?? "", leadSource: leadSource ?? "", days: days == null ? "" : String(days),
  })),
});

/** @param {Draft} one @param {Draft} other */
export const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** @param {Draft} draft */
export const isValid = ({ rows, keepLimit }) => isBetween(keepLimit, 0, 20)
  && rows.every(({ days }) => days === "" || isBetween(days, 1, 365));

/** @param {Draft} draft */
export const sentOf = ({ enabled, rows, keepLimit }) => ({
  enabled,
  keepLimit: Number(keepLimit),
  rules: rows.map(({ leadLevel, leadSource, days }) => ({
    leadLevel: leadLevel || null, leadSource, days: days ? Number(days) : null,
  })),
});
