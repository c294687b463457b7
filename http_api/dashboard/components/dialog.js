// A modal surface on the browser's own <dialog>: focus stays inside, Esc closes, focus returns to where it was.
import { html, useEffect, useRef } from "../lib/view.js";

export function Dialog({ kind = "box", label, close, testId, children }) {
  const element = useRef(null);
  const shown = useRef(false);
  useEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog.showModal();
    shown.current = true;
    return () => {
      shown.current = false;
      if (dialog.open) dialog.close();
      opener?.focus?.({ preventScroll: true });
    };
  }, []);

  function cancelled(event) {
    event.preventDefault(); // the owner decides; it may be busy
    close();
  }
  /** A browser lets nobody refuse a second Esc: what the owner keeps open is shown again. */
  function closed(event) {
    if (event.target !== element.current || !shown.current) return;
    close();
    setTimeout(() => { if (shown.current && !element.current.open) element.current.showModal(); });
  }
  function pressed(event) {
    if (event.target === element.current) close(); // the backdrop belongs to the dialog element itself
  }

  return html`<dialog ref=${element} class=${`dialog ${kind}`} aria-label=${label} onCancel=${cancelled}
    onClose=${closed} onMouseDown=${pressed} data-testid=${testId}>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}
