// The entries of a dictionary: comparing two lists of them, and what is sent. Pure functions.

/** @typedef {Rest.DictionaryEntry & { isNew?: boolean }} Entry `isNew`: its value can still be written */

/** @param {Entry} entry */
const shown = ({ value, labelEn, retired }) => JSON.stringify([value.trim(), labelEn.trim(), retired]);

/** @param {Entry[]} one @param {Entry[]} other */
export const areEqual = (one, other) => one.length === other.length
  && one.every((entry, index) => shown(entry) === shown(other[index]));

/**
 * The values that differ between two lists, each with what happened to it: told after a conflict.
 * @param {Entry[]} before
 * @param {Entry[]} after
 * @returns {{ value: string, change: "added" | "removed" | "edited" }[]}
 */
export function differences(before, after) {
  const [old, current] = [before, after].map((entries) => new Map(entries.map((entry) => [entry.value, entry])));
  const values = [...new Set([...old.keys(), ...current.keys()])];
  return values.flatMap((value) => {
    const [from, to] = [old.get(value), current.get(value)];
    if (from && to) return shown(from) === shown(to) ? [] : { value, change: /** @type {const} */ ("edited") };
    return { value, change: to ? /** @type {const} */ ("added") : /** @type {const} */ ("removed") };
  });
}

/**
 * As the server takes them, without empty ones.
 * @param {Entry[]} entries
 * @returns {Rest.DictionaryEntry[]}
 */
export const sentOf = (entries) => entries.filter(({ value }) => value.trim())
  .map(({ value, labelEn, retired }) => ({ value, labelEn, retired }));
