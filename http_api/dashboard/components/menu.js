// A button that opens a small surface below it; Esc and a click elsewhere close it.
import { html, useEffect, useRef, useState } from "../lib/view.js";

/**
 * @param {{ label: string, trigger: unknown, className?: string, align?: string, testId?: string,
 *   children: (close: () => void) => unknown }} props
 */
export function Menu({ label, trigger, className = "", align = "end", testId, children }) {
  const [open, setOpen] = useState(false);
  const root = useRef(/** @type {HTMLElement | null} */ (null));

  useEffect(() => {
    if (!open) return undefined;
    /** @param {MouseEvent} event */
    const outside = (event) => {
      if (!root.current?.contains(/** @type {Node} */ (event.target))) setOpen(false);
    };
    /** @param {KeyboardEvent} event */
    const escape = (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      setOpen(false);
      root.current?.querySelector("button")?.focus();
    };
    document.addEventListener("mousedown", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("mousedown", outside);
      document.removeEventListener("keydown", escape);
    };
  }, [open]);

  return html`<div class=${`menu ${className}`} ref=${root}>
    <button type="button" class="menu-trigger" aria-label=${label} aria-expanded=${open} aria-haspopup="true"
      title=${label} onClick=${() => setOpen(!open)}
      data-testid=${testId}>${trigger}</button>
    ${open && html`<div class=${`menu-surface ${align}`}>${children(() => setOpen(false))}</div>`}
  </div>`;
}
