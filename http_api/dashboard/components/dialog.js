// A modal surface on the browser's own <dialog>: focus stays inside, Esc closes, focus returns to where it was.
import { html, useEffect, useRef } from "../view.js";

export function Dialog({ kind = "box", label, close, testId, children }) {
  const element = useRef(null);
  useEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog.showModal();
    return () => {
      if (dialog.open) dialog.close();
      opener?.focus?.({ preventScroll: true });
    };
  }, []);

  function cancelled(event) {
    event.preventDefault(); // the owner decides; it may be busy
    close();
  }
  function pressed(event) {
    if (event.target === element.current) close(); // the backdrop belongs to the dialog element itself
  }

  return html`<dialog ref=${element} class=${`dialog ${kind}`} aria-label=${label} onCancel=${cancelled}
    onMouseDown=${pressed} data-testid=${testId}>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}
