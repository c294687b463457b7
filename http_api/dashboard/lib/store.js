// A value that components can watch.
import { useEffect, useState } from "./view.js";

export function createStore(initial) {
  let value = initial;
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

export function useStore(store) {
  const [, redraw] = useState(0);
  const drawn = store.get();
  useEffect(() => {
    const again = () => redraw((count) => count + 1);
    const stop = store.watch(again);
    // The value may have moved between the drawing and this effect.
    if (!Object.is(store.get(), drawn)) again();
    return stop;
  }, [store]);
  return drawn;
}
