// Looks for users while a text is typed: reads the first few, and cancels the earlier search.
import { useRef, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { useDebounced } from "../../lib/hooks.js";

export const MOST_FOUND = 6;
const TYPING_MS = 250;

/** @typedef {Partial<Rest.UserPage> & { error?: { message: string } }} Found */

/** @returns {{ found: Found | null, look: (wanted: string) => void }} `found` is null without a text */
export function useUserSearch() {
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const running = useRef(/** @type {AbortController | null} */ (null));
  const look = useDebounced(async (/** @type {string} */ wanted) => {
    running.current?.abort();
    if (!wanted) return setFound(null);
    const { signal } = (running.current = new AbortController());
    try {
      const page = await get("/miniprogram-users", { search: wanted, pageSize: MOST_FOUND }, signal);
      if (!signal.aborted) setFound(page);
    } catch (error) {
      if (!signal.aborted) setFound({ error });
    }
  }, TYPING_MS);
  return { found, look };
}
