// A number that glows for a second when it changed.
import { html, useEffect, useRef, useState } from "../lib/view.js";
import { number } from "../lib/format.js";

const GLOW_MS = 1_100;

/** @param {{ value: number | null | undefined, testId?: string }} props */
export function LiveNumber({ value, testId }) {
  const before = useRef(value);
  const [glowing, setGlowing] = useState(false);
  useEffect(() => {
    const changed = before.current != null && value !== before.current;
    before.current = value;
    if (!changed) return undefined;
    setGlowing(true);
    const timer = setTimeout(() => setGlowing(false), GLOW_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return html`<span class=${`live-number ${glowing ? "glow" : ""}`} data-testid=${testId}>${number(value)}</span>`;
}
