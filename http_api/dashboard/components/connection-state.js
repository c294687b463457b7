// The state of the live connection, and of what was read for the page, as a word; after a reconnect also whether
// events were missed.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { useStore } from "../lib/store.js";
import { connection, retryNow } from "../lib/live.js";
import { readAgain, unanswered } from "../lib/unanswered.js";

export function ConnectionState() {
  const { state: connected, notice, forced } = useStore(connection);
  const incomplete = useStore(unanswered) > 0;
  const state = connected === "live" && incomplete ? "incomplete" : connected;
  const again = state === "offline" ? retryNow : state === "incomplete" ? readAgain : null;
  const word = html`<span class="dot" aria-hidden="true"></span><span class="word">${t(`connection.${state}`)}</span>`;
  return html`<div class=${`connection ${state}`} role="status" aria-live="polite">
    ${forced && html`<span class="connection-notice"
      title=${forced.reason}>${t("connection.forced", { by: forced.by })}</span>`}
    ${notice && !incomplete && html`<span class="connection-notice">${t(`connection.${notice}`)}</span>`}
    ${again
      ? html`<button type="button" class="connection-word" onClick=${again} title=${t(`connection.${state}Hint`)}
        data-testid="connection-state">${word}</button>`
      : html`<span class="connection-word" title=${t(`connection.${state}Hint`)} data-testid="connection-state">
        ${word}</span>`}
  </div>`;
}
