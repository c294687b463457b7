// A column does not change under the reader's hand: while the pointer is in it, it shows the cards that it showed.
import { useEffect, useRef, useState } from "../../../lib/view.js";

const HELD_MS = 6_000;
const LEFT_MS = 300;
const SCROLLED_PX = 8;

/**
 * `ids`: the cards that the column would show. In the answer: those that it shows, and as `fresh` how many wait.
 * @param {string[]} ids
 */
export function useHoverFreeze(ids) {
  const [held, setHeld] = useState(/** @type {string[] | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const timer = useRef(/** @type {number | undefined} */ (undefined));
  const latest = useRef(ids);
  latest.current = ids;
  useEffect(() => () => clearTimeout(timer.current), []);

  function letGo() {
    // A reader who has scrolled down reads there: new cards above would push that away.
    if ((list.current?.scrollTop ?? 0) > SCROLLED_PX) return releaseIn(HELD_MS);
    return setHeld(null);
  }
  /** @param {number} ms */
  function releaseIn(ms) {
    clearTimeout(timer.current);
    timer.current = setTimeout(letGo, ms);
  }
  function hold() {
    setHeld((before) => before ?? latest.current);
    releaseIn(HELD_MS);
  }
  /** Shows all at once. Browsers keep the scroll position when cards come in above. */
  function letIn() {
    clearTimeout(timer.current);
    setHeld(null);
  }
  function showAll() {
    list.current?.scrollTo({ top: 0 });
    letIn();
  }

  const handlers = {
    onPointerMove: hold, onPointerDown: hold, onWheel: hold, onKeyDown: hold, onScroll: hold,
    onPointerLeave: () => releaseIn(LEFT_MS),
  };
  const seen = new Set(held);
  const fresh = held ? ids.filter((id) => !seen.has(id)).length : 0;
  return { list, handlers, ids: held ?? ids, fresh, showAll, letIn };
}
