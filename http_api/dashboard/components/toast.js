// Short messages at the edge of the page, announced politely to screen readers.
import { html, useEffect, useRef } from "../lib/view.js";
import { createStore, useStore } from "../lib/store.js";
import { t } from "../lib/i18n.js";
import { Icon } from "./icons.js";

const SHOWN_MS = 4_500;
const toasts = createStore(/** @type {{ id: number, text: string, kind: string }[]} */ ([]));
let lastId = 0;

/** @param {string} text */
export function toast(text, kind = "done") {
  const id = ++lastId;
  toasts.set([...toasts.get().slice(-2), { id, text, kind }]);
  setTimeout(() => dismiss(id), kind === "failed" ? SHOWN_MS * 2 : SHOWN_MS);
}

/** @param {{ message: string, code?: string }} error */
export function toastError(error) {
  toast(`${error.message}（${error.code ?? t("error.unknown")}）`, "failed");
}

/** @param {number} id */
function dismiss(id) {
  toasts.set(toasts.get().filter((item) => item.id !== id));
}

export function Toasts() {
  const shown = useStore(toasts);
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    // A popover opened last lies above modal dialogs; a fixed element would be hidden behind their backdrop.
    const region = element.current;
    if (!region?.showPopover) return;
    if (region.matches(":popover-open")) region.hidePopover();
    if (shown.length) region.showPopover();
  }, [shown]);
  return html`<div ref=${element} class="toasts" popover="manual" role="status" aria-live="polite">
    ${shown.map((item) => html`<div key=${item.id} class=${`toast ${item.kind}`}>
      <${Icon} name=${item.kind === "failed" ? "alert" : "check"} size=${16} />
      <span>${item.text}</span>
      <button type="button" class="toast-close" aria-label=${t("action.close")} onClick=${() => dismiss(item.id)}>
        <${Icon} name="close" size=${14} /></button>
    </div>`)}
  </div>`;
}
