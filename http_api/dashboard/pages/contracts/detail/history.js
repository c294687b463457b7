// The history of a contract, newest first: who did what, when and why.
import { html } from "../../../lib/view.js";
import { t, textOr } from "../../../lib/i18n.js";
import { dateTime } from "../../../lib/format.js";
import { tagKindOf } from "../words.js";

/** @param {{ history: Rest.HistoryAnswer[], version: number }} props */
export function ContractHistory({ history, version }) {
  return html`<section aria-labelledby="history-title">
    <h3 id="history-title">${t("contract.history")} <span class="muted small-text">
      ${t("contract.version", { n: version })}</span></h3>
    <ol class="timeline" data-testid="history">${history.map((entry, index) => html`<${Entry} key=${index}
      entry=${entry} />`)}</ol></section>`;
}

/** @param {{ entry: Rest.HistoryAnswer }} props */
function Entry({ entry }) {
  const { toStatus, fromStatus, causeText, by, at } = entry;
  const note = noteOf(entry);
  const step = toStatus && toStatus !== fromStatus;
  return html`<li class=${`timeline-entry ${step ? `step ${tagKindOf(toStatus)}` : ""}`}>
    <div><strong>${causeText}</strong>${step && fromStatus && html` <span class="muted small-text">
      ${t(`contractStatus.${fromStatus}`)} → ${t(`contractStatus.${toStatus}`)}</span>`}</div>
    ${note && html`<div class="timeline-note">${note}</div>`}
    <div class="muted small-text"><span class="numeric">${dateTime(at)}</span> · ${whoOf(by)}</div>
  </li>`;
}

/**
 * The note; that of an edit is the list of the changed fields, by their names on the wire.
 * @param {Rest.HistoryAnswer} entry
 */
function noteOf({ cause, note }) {
  if (cause !== "edited") return note;
  return note.split("、").map((name) => textOr("contractField", name)).join("、");
}

/** @param {Rest.ActorRef} actor */
export const whoOf = ({ kind, name }) => (name && name !== "system" ? name : t(`actor.${kind}`));

/**
 * The history since `seen` was read, one text an entry.
 * @param {Rest.ContractDetail} seen
 * @param {Rest.ContractDetail} now
 */
export function changesSince(seen, now) {
  const last = seen.history[0]?.at ?? "";
  const entries = now.history.filter(({ at }) => at > last);
  return entries.map((entry) => [dateTime(entry.at), whoOf(entry.by), entry.causeText, noteOf(entry)].filter(Boolean)
    .join(" · "));
}
