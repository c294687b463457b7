// A button that is busy while its work runs.
import { html, useEffect, useRef, useState } from "../lib/view.js";
import { Icon } from "./icons.js";

/**
 * @typedef {object} ButtonProps
 * @property {string} label
 * @property {(event: Event) => unknown} [action] until a promise that it returns settles, the button is busy
 * @property {string} [kind] CSS classes
 * @property {string} [icon]
 * @property {string} [testId]
 * @property {string} [type]
 * @property {boolean} [disabled]
 * @property {boolean} [busy]
 * @property {string} [title]
 * @property {boolean} [small]
 * @property {boolean} [iconOnly]
 * @property {boolean} [pressed]
 */

/** @param {ButtonProps} properties */
export function Button(properties) {
  const { action, kind = "plain", icon, label, testId, type = "button" } = properties;
  const { disabled, title, small, iconOnly, pressed } = properties;
  const [busyInside, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => () => { alive.current = false; }, []);
  const busy = busyInside || Boolean(properties.busy);

  /** @param {Event} event */
  async function press(event) {
    const outcome = action?.(event);
    if (!(outcome instanceof Promise)) return;
    setBusy(true);
    try {
      await outcome;
    } finally {
      if (alive.current) setBusy(false);
    }
  }

  const classes = ["button", kind, small && "small", iconOnly && "icon-only", busy && "busy"].filter(Boolean).join(" ");
  return html`<button type=${type} class=${classes} onClick=${press} disabled=${disabled || busy} aria-busy=${busy}
    aria-pressed=${pressed}
      title=${title ?? (iconOnly ? label : undefined)} aria-label=${iconOnly ? label : undefined} data-testid=${testId}>
    ${busy ? html`<span class="spinner" aria-hidden="true"></span>` : icon
      && html`<${Icon} name=${icon} size=${small ? 16 : 18} />`}
    ${!iconOnly && html`<span>${label}</span>`}
  </button>`;
}
