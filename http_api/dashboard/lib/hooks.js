// Reading from the server as components need it: cancelled when no longer wanted, and readable again.
import { useCallback, useEffect, useRef, useState } from "./view.js";
import { language } from "./i18n.js";
import { useStore } from "./store.js";

/** Reads with `read(signal)` whenever `key` changes. The last answer stays (as `stale`) while the next one
 * is on its way. */
export function useResource(key, read) {
  const [state, setState] = useState({ data: null, error: null, loading: true, key: null });
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;

  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    const answer = (next) => { if (!controller.signal.aborted) setState(next); };
    latest.current(controller.signal).then(
      (data) => answer({ data, error: null, loading: false, key }),
      // A failed second reading keeps what the first one found.
      (error) => answer((before) => ({ data: before.key === key ? before.data : null, error, loading: false, key })),
    );
    return () => controller.abort();
  }, [key, turn]);

  const reload = useCallback(() => setTurn((count) => count + 1), []);
  const change = useCallback((edit) => {
    setState((before) => (before.data ? { ...before, data: edit(before.data) } : before));
  }, []);
  return { ...state, stale: state.loading && state.data !== null, reload, change };
}

/** Draws again now and then, so that "3 minutes ago" stays true. */
export function useNow(everyMs = 30_000) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export function useDebounced(work, delayMs) {
  const timer = useRef(null);
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((...values) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(...values), delayMs);
  }, [delayMs]);
}

export const useLanguage = () => useStore(language);

export function useTheme() {
  const [theme, setTheme] = useState(window.dashboardTheme.current());
  useEffect(() => {
    const follow = (event) => setTheme(event.detail);
    window.addEventListener("themechange", follow);
    return () => window.removeEventListener("themechange", follow);
  }, []);
  return theme;
}
