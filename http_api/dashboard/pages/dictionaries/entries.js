// Edits of a dictionary's entries: pure steps from one list to the next.

/** @typedef {Rest.DictionaryEntry & { isNew?: boolean }} Entry `isNew`: its value can still be written */

/**
 * @param {Entry[]} entries
 * @param {number} index
 * @param {Partial<Entry>} change
 */
export const withChange = (entries, index, change) =>
  entries.map((entry, place) => (place === index ? { ...entry, ...change } : entry));

/**
 * @param {Entry[]} entries
 * @param {number} index
 */
export const without = (entries, index) => entries.filter((_, place) => place !== index);

/**
 * The entry one place further up (-1) or down (1); the same list at its ends.
 * @param {Entry[]} entries
 * @param {number} index
 * @param {-1 | 1} by
 */
export function withMove(entries, index, by) {
  const to = index + by;
  if (to < 0 || to >= entries.length) return entries;
  const next = [...entries];
  [next[index], next[to]] = [next[to], next[index]];
  return next;
}

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
