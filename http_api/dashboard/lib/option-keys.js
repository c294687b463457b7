// Where the keys of a keyboard lead in a list of options. Pure.

const PAGE = 10;

/** @type {Record<string, (from: number, last: number) => number>} */
const MOVES = {
  ArrowDown: (from, last) => Math.min(from + 1, last),
  ArrowUp: (from) => Math.max(from - 1, 0),
  PageDown: (from, last) => Math.min(from + PAGE, last),
  PageUp: (from) => Math.max(from - PAGE, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * The option that a key moves to; null for a key that moves nowhere.
 * @param {string} key
 * @param {number} from
 * @param {number} count
 */
export const movedBy = (key, from, count) => MOVES[key]?.(from, count - 1) ?? null;

/**
 * The first option from `from` on, and then from the beginning, whose text begins with what was typed; null when there
 * is none. One letter, also when it is typed repeatedly, finds the next option.
 * @param {string[]} texts
 * @param {string} typed
 * @param {number} from
 */
export function typedAhead(texts, typed, from) {
  const letters = [...typed.toLowerCase()];
  const same = letters.every((letter) => letter === letters[0]);
  const sought = same ? letters[0] ?? "" : letters.join("");
  const order = texts.map((_, index) => (from + index + (same ? 1 : 0)) % texts.length);
  return order.find((index) => texts[index]?.toLowerCase().startsWith(sought)) ?? null;
}
