// A state as a word in a quiet coloured frame.
import { html } from "../view.js";
import { t } from "../i18n.js";

export const Tag = ({ kind = "neutral", title, children }) => html`<span class=${`tag ${kind}`} title=${title}>
  ${children}</span>`;

const KIND_OF_STATUS = { active: "good", inactive: "neutral", blocked: "bad" };

export function StatusTag({ status, reason }) {
  return html`<${Tag} kind=${KIND_OF_STATUS[status]} title=${reason || undefined}>${t(`status.${status}`)}<//>`;
}
