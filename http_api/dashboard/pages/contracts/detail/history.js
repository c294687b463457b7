// What has happened to a contract, the newest first: who, when, why.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { dateTime } from "../../../lib/format.js";
import { kindOf } from "../words.js";

export function ContractHistory({ history, version }) {
  return html`<section aria-labelledby="history-title"><h3 id="history-title">${t("contract.history")}
    <span class="muted small-text">${t("contract.version", { n: version })}</span></h3>
    <ol class="timeline" data-testid="history">${history.map((entry, index) => html`<${Entry} key=${index}
      entry=${entry} />`)}</ol></section>`;
}

function Entry({ entry }) {
  const { toStatus, fromStatus, causeText, by, at } = entry;
  const note = noteOf(entry);
  const step = toStatus && toStatus !== fromStatus;
  return html`<li class=${`timeline-entry ${step ? `step ${kindOf(toStatus)}` : ""}`}>
    <div><strong>${causeText}</strong>${step && fromStatus && html` <span class="muted small-text">
      ${t(`contractStatus.${fromStatus}`)} → ${t(`contractStatus.${toStatus}`)}</span>`}</div>
    ${note && html`<div class="timeline-note">${note}</div>`}
    <div class="muted small-text"><span class="numeric">${dateTime(at)}</span> · ${whoOf(by)}</div>
  </li>`;
}

/** An edit notes which fields it changed, by the names that they have on the wire. */
function noteOf({ cause, note }) {
  if (cause !== "edited") return note;
  return note.split("、").map((name) => {
    const label = t(`contractField.${name}`);
    return label.startsWith("contractField.") ? name : label;
  }).join("、");
}

export const whoOf = ({ kind, name }) => (name && name !== "system" ? name : t(`actor.${kind}`));

/** What has happened since `seen` was read, in words. */
export function happenedSince(seen, now) {
  const last = seen.history[0]?.at ?? "";
  const entries = now.history.filter(({ at }) => at > last);
  return entries.map((entry) => [dateTime(entry.at), whoOf(entry.by), entry.causeText, noteOf(entry)].filter(Boolean)
    .join(" · "));
}
