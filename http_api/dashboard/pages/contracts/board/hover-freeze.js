// Nothing moves under a hand: as long as somebody is busy in a column, it shows what it showed.
import { useEffect, useRef, useState } from "../../../lib/view.js";

const HELD_MS = 6_000;
const LEFT_MS = 300;
const SCROLLED_PX = 8;

/** `ids`: what the column would show. The answer's `ids` are what it shows; `fresh`: how many wait to be shown. */
export function useHold(ids) {
  const [held, setHeld] = useState(null);
  const list = useRef(null);
  const timer = useRef(null);
  const latest = useRef(ids);
  latest.current = ids;
  useEffect(() => () => clearTimeout(timer.current), []);

  function letGo() {
    // Whoever has scrolled down reads there; what comes in above would push it away.
    if (list.current?.scrollTop > SCROLLED_PX) return releaseIn(HELD_MS);
    return setHeld(null);
  }
  function releaseIn(ms) {
    clearTimeout(timer.current);
    timer.current = setTimeout(letGo, ms);
  }
  function hold() {
    setHeld((before) => before ?? latest.current);
    releaseIn(HELD_MS);
  }
  /** For whoever asked for more. Where they read stays in its place: browsers see to that when cards come in above. */
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
