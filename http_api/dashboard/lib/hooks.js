// Hooks that several components use: reading from the server, sending forms, the time, the language, the theme.
import { useCallback, useEffect, useRef, useState } from "./view.js";
import { language } from "./i18n.js";
import { useStore } from "./store.js";
import { hadNoAnswer, repeat } from "./unanswered.js";

const TYPING_MS = 250;

/**
 * A value read from the server, and the state of reading. `key` is the one that `data` was read for; `stale`: `data` is
 * still shown while the next answer is on its way.
 * @template T
 * @typedef {object} Resource
 * @property {T | null} data
 * @property {import("./http.js").ApiError | null} error
 * @property {boolean} loading
 * @property {boolean} stale
 * @property {string | null} key
 * @property {() => void} reload
 * @property {(edit: (data: T) => T) => void} change edits the data that is shown
 */

/**
 * Reads with `read(signal)` whenever `key` changes, and cancels a read that is no longer wanted. One that gets no
 * answer is repeated when the server is there again.
 * @template T
 * @param {string} key
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @returns {Resource<T>}
 */
export function useResource(key, read) {
  /** @typedef {Pick<Resource<T>, "data" | "error" | "loading" | "key">} State */
  const [state, setState] = useState(/** @type {State} */ ({ data: null, error: null, loading: true, key: null }));
  const [reads, setReads] = useState(0);
  const latest = useRef(read);
  latest.current = read;

  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    /** @param {State | ((before: State) => State)} next */
    const answer = (next) => { if (!controller.signal.aborted) setState(next); };
    latest.current(controller.signal).then(
      (data) => answer({ data, error: null, loading: false, key }),
      // A failed second reading keeps what the first one found.
      (error) => answer((before) => ({ data: before.key === key ? before.data : null, error, loading: false, key })),
    );
    return () => controller.abort();
  }, [key, reads]);

  const reload = useCallback(() => setReads((count) => count + 1), []);
  const lost = hadNoAnswer(state.error);
  useEffect(() => (lost ? repeat(reload) : undefined), [lost]);
  const change = useCallback((/** @type {(data: T) => T} */ edit) => {
    setState((before) => (before.data ? { ...before, data: edit(before.data) } : before));
  }, []);
  return { ...state, stale: state.loading && state.data !== null, reload, change };
}

/**
 * The state of a form: busy while `work` sends it, and the problem when the server refused it. `work` gets the text of
 * a field by its name, and the form. `refused` is awaited before the form can be sent again.
 * @param {(typed: (name: string) => string, form: HTMLFormElement) => unknown} work
 * @param {(error: import("./http.js").ApiError, form: HTMLFormElement) => unknown} [refused]
 */
export function useSubmit(work, refused) {
  const [problem, setProblem] = useState(/** @type {import("./http.js").ApiError | null} */ (null));
  const [busy, setBusy] = useState(false);
  /** @param {any} event */
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    const form = event.target;
    const fields = new FormData(form);
    setBusy(true);
    setProblem(null);
    try {
      await work((name) => String(fields.get(name) ?? ""), form);
    } catch (error) {
      setProblem(error);
      await refused?.(error, form);
    }
    setBusy(false);
  }
  return { problem, setProblem, busy, submit };
}

/** The time, renewed so often that "3 minutes ago" stays true. */
export function useNow(everyMs = 30_000) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/**
 * `work`, done `delayMs` after the last call.
 * @template {unknown[]} Values
 * @param {(...values: Values) => unknown} work
 * @param {number} delayMs
 */
export function useDebounced(work, delayMs) {
  const timer = useRef(/** @type {number | undefined} */ (undefined));
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((/** @type {Values} */ ...values) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(...values), delayMs);
  }, [delayMs]);
}

/**
 * Searches with `read(text, signal)` a moment after the last key, and cancels the earlier search. `found` is null
 * without a text.
 * @template T
 * @param {(text: string, signal: AbortSignal) => Promise<T>} read
 */
export function useSearch(read) {
  /** @typedef {{ text: string, data?: T, error?: { message: string } }} Found */
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const running = useRef(/** @type {AbortController | null} */ (null));
  const look = useDebounced(async (/** @type {string} */ text) => {
    running.current?.abort();
    if (!text) return setFound(null);
    const { signal } = (running.current = new AbortController());
    try {
      const data = await read(text, signal);
      if (!signal.aborted) setFound({ text, data });
    } catch (error) {
      if (!signal.aborted) setFound({ text, error });
    }
  }, TYPING_MS);
  return { found, look };
}

/**
 * The width of an element in pixels; that of the window until it is drawn.
 * @param {{ current: HTMLElement | null }} element
 */
export function useWidth(element) {
  const [width, setWidth] = useState(window.innerWidth);
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => setWidth(contentRect.width));
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

export const useLanguage = () => useStore(language);

export function useTheme() {
  const [theme, setTheme] = useState(window.dashboardTheme.current());
  useEffect(() => {
    const follow = () => setTheme(window.dashboardTheme.current());
    window.addEventListener("themechange", follow);
    return () => window.removeEventListener("themechange", follow);
  }, []);
  return theme;
}
