// A confirmation before an action that cannot be undone, with a reason where the record needs one. The text stays when
// the server refuses.
import { html, useState } from "../lib/view.js";
import { useSubmit } from "../lib/hooks.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Dialog } from "./dialog.js";
import { Problem } from "./states.js";

const LONGEST_REASON = 200;

/**
 * @typedef {object} ConfirmProps
 * @property {string} title
 * @property {string} [text]
 * @property {string} confirmLabel
 * @property {(reason: string) => unknown} work the action; the dialog closes when it succeeds
 * @property {() => void} close
 * @property {boolean} [danger]
 * @property {boolean} [wide]
 * @property {"required" | "optional"} [reason] none is asked for without it
 * @property {string[]} [suggestions] common reasons
 * @property {string | false} [note] what changed while the question was open
 * @property {boolean} [blocked] `children` are not filled in yet
 * @property {import("../lib/view.js").Content} [children]
 */

/** @param {ConfirmProps} properties */
export function Confirm(properties) {
  const { title, text, confirmLabel, danger, wide, reason, suggestions = [], note, blocked } = properties;
  const { work, close, children } = properties;
  const [typed, setTyped] = useState("");
  const ready = !blocked && (reason !== "required" || typed.trim().length > 0);
  const { problem, busy, submit } = useSubmit(async () => {
    if (!ready) return;
    await work(typed.trim());
    close();
  });

  return html`<${Dialog} kind=${wide ? "box wide-box" : "box"} label=${title} close=${() => busy || close()}>
    <form class="confirm" onSubmit=${submit}>
      <h2>${title}</h2>
      ${text && html`<p class="muted">${text}</p>`}
      ${children}
      ${reason && html`<label class="field">
        <span>${t(reason === "required" ? "confirm.reason" : "confirm.reasonOptional")}</span>
        <textarea rows="3" maxlength=${LONGEST_REASON} value=${typed}
          onInput=${(/** @type {any} */ event) => setTyped(event.target.value)} autofocus
          required=${reason === "required"} data-testid="confirm-reason"></textarea>
      </label>`}
      ${suggestions.length > 0 && html`<div class="suggestions">
        ${suggestions.map((each) => html`<button type="button" class="chip" key=${each} onClick=${() => setTyped(each)}>
          ${each}</button>`)}
      </div>`}
      ${problem && html`<${Problem} error=${problem} />`}
      ${note && html`<p class="meanwhile" role="status">${note}</p>`}
      <div class="form-actions">
        <${Button} label=${t("action.cancel")} action=${close} disabled=${busy} />
        <${Button} label=${confirmLabel} kind=${danger ? "danger" : "primary"} type="submit" disabled=${!ready}
          busy=${busy} testId="confirm-ok" />
      </div>
    </form>
  <//>`;
}
