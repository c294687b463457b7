// A modal surface on the browser's own <dialog>: focus stays inside, Esc closes, focus then returns to where it was.
import { html, useEffect, useRef } from "../lib/view.js";
import { Toasts, surfaces } from "./toast.js";

/** @param {{ kind?: string, label: string, close: () => void, testId?: string, children: unknown }} props */
export function Dialog({ kind = "box", label, close, testId, children }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const shown = useRef(false);
  useEffect(() => {
    const dialog = /** @type {HTMLDialogElement} */ (element.current);
    const opener = /** @type {HTMLElement | null} */ (document.activeElement);
    dialog.showModal();
    shown.current = true;
    surfaces.set([...surfaces.get(), element]);
    return () => {
      shown.current = false;
      surfaces.set(surfaces.get().filter((each) => each !== element));
      if (dialog.open) dialog.close();
      opener?.focus?.({ preventScroll: true });
    };
  }, []);

  /** @param {Event} event */
  function cancelled(event) {
    event.preventDefault(); // the owner decides; it may be busy
    close();
  }
  /**
   * Browsers close a dialog on a second Esc in any case: one that the owner keeps open is shown again.
   * @param {Event} event
   */
  function closed(event) {
    if (event.target !== element.current || !shown.current) return;
    close();
    setTimeout(() => { if (shown.current && !element.current?.open) element.current?.showModal(); });
  }
  /** @param {Event} event */
  function pressed(event) {
    if (event.target === element.current) close(); // the backdrop belongs to the dialog element itself
  }

  return html`<dialog ref=${element} class=${`dialog ${kind}`} aria-label=${label} onCancel=${cancelled}
    onClose=${closed} onMouseDown=${pressed} data-testid=${testId}>
    <div class="dialog-body">${children}</div>
    <${Toasts} surface=${element} />
  </dialog>`;
}
