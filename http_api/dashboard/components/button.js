// A button that is busy while its work runs.
import { html, useEffect, useRef, useState } from "../lib/view.js";
import { Icon } from "./icons.js";

/** `action` may answer a promise; until it settles the button is disabled and says so. */
export function Button(properties) {
  const { action, kind = "plain", icon, label, testId, type = "button", disabled, title, small, iconOnly, pressed } = properties;
  const [busyInside, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => () => { alive.current = false; }, []);
  const busy = busyInside || Boolean(properties.busy);

  async function press(event) {
    const outcome = action?.(event);
    if (!outcome?.then) return;
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
