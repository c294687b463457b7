// A button that opens a small surface below it; Esc and a press elsewhere close it.
import { html, useEffect, useRef, useState } from "../lib/view.js";

/** `children` is a function that gets `close`. */
export function Menu({ label, trigger, className = "", align = "end", testId, children }) {
  const [open, setOpen] = useState(false);
  const root = useRef(null);

  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => root.current?.contains(event.target) || setOpen(false);
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
