// Short messages at the edge of the page, announced politely to screen readers.
import { html, useEffect, useRef } from "../lib/view.js";
import { createStore, useStore } from "../lib/store.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Icon } from "./icons.js";

const SHOWN_MS = 4_500;
const LONGER_MS = 9_000; // a failure is read more slowly, and an action needs time to decide
/** @type {Record<string, string>} by the kind of a toast */
const ICONS = { done: "check", failed: "alert", news: "bell" };

/**
 * @typedef {{ label: string, testId: string, work: () => unknown }} Action reports its own outcome
 * @typedef {{ id: number, text: string, kind: string, action?: Action }} Toast
 */
/** @type {Toast[]} */
const NONE = [];
/** The open dialogs, the topmost last. */
export const surfaces = createStore(/** @type {object[]} */ ([]));
const toasts = createStore(/** @type {Toast[]} */ ([]));
let lastId = 0;

/**
 * Says what was done. `undo` takes it back, and reports its own outcome.
 * @param {string} text
 * @param {"done" | "failed"} [kind]
 * @param {() => Promise<unknown>} [undo]
 */
export function toast(text, kind = "done", undo = undefined) {
  show(text, kind, undo && { label: t("action.undo"), testId: "toast-undo", work: undo });
}

/**
 * Says what has happened elsewhere and asks the reader to act.
 * @param {string} text
 * @param {string} label of the button
 * @param {() => unknown} work
 */
export const announce = (text, label, work) => show(text, "news", { label, testId: "toast-open", work });

/**
 * @param {string} text
 * @param {string} kind
 * @param {Action} [action]
 */
function show(text, kind, action) {
  const id = ++lastId;
  toasts.set([...toasts.get().slice(-2), { id, text, kind, action }]);
  setTimeout(() => dismiss(id), kind === "failed" || action ? LONGER_MS : SHOWN_MS);
}

/** @param {{ message: string, code?: string }} error */
export function toastError(error) {
  toast(`${error.message}（${error.code ?? t("error.unknown")}）`, "failed");
}

/** @param {number} id */
function dismiss(id) {
  toasts.set(toasts.get().filter((item) => item.id !== id));
}

/** @param {Toast} item */
async function act({ id, action }) {
  try {
    await action?.work();
  } catch (error) {
    toastError(error);
  }
  dismiss(id);
}

/**
 * Drawn by the page and by each dialog, because a modal dialog makes everything outside of it inert; the topmost of
 * them shows the toasts.
 * @param {{ surface?: object }} props
 */
export function Toasts({ surface }) {
  const all = useStore(toasts);
  const shown = useStore(surfaces).at(-1) === surface ? all : NONE;
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
      <${Icon} name=${ICONS[item.kind]} size=${16} />
      <span>${item.text}</span>
      ${item.action && html`<${Button} small kind="ghost" label=${item.action.label} testId=${item.action.testId}
        action=${() => act(item)} />`}
      <button type="button" class="toast-close" aria-label=${t("action.close")} onClick=${() => dismiss(item.id)}>
        <${Icon} name="close" size=${14} /></button>
    </div>`)}
  </div>`;
}
