// A value that components can watch.
import { useEffect, useState } from "./view.js";

/**
 * @template T
 * @typedef {object} Store
 * @property {() => T} get
 * @property {(next: T) => void} set tells the watchers, unless it is the same value
 * @property {(part: Partial<T>) => void} patch sets some fields of an object
 * @property {(watcher: (value: T) => void) => () => void} watch returns the function that stops it
 */

/**
 * @template T
 * @param {T} initial
 * @returns {Store<T>}
 */
export function createStore(initial) {
  let value = initial;
  /** @type {Set<(value: T) => void>} */
  const watchers = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const watcher of [...watchers]) watcher(value);
    },
    patch(part) {
      this.set({ ...value, ...part });
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/**
 * The store's value; the component is drawn again when it changes.
 * @template T
 * @param {Store<T>} store
 * @returns {T}
 */
export function useStore(store) {
  const [, redraw] = useState(0);
  const drawn = store.get();
  useEffect(() => {
    const again = () => redraw((count) => count + 1);
    const stop = store.watch(again);
    // The value may have changed between the drawing and this effect.
    if (!Object.is(store.get(), drawn)) again();
    return stop;
  }, [store]);
  return drawn;
}
