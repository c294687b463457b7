// Random choices that a seed repeats.

export function seededRandom(seed) {
  let state = seed + 0x6d2b79f5;
  /** mulberry32 */
  function next() {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  return { next, chance: (share) => next() < share, choice: (items) => items[Math.floor(next() * items.length)] };
}
