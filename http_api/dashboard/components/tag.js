// A state as a word in a quiet coloured frame.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";

export const Tag = ({ kind = "neutral", title, children }) => html`<span class=${`tag ${kind}`} title=${title}>
  ${children}</span>`;

const KIND_OF_STATUS = { active: "good", inactive: "neutral", blocked: "bad" };

export function StatusTag({ status, reason }) {
  return html`<${Tag} kind=${KIND_OF_STATUS[status]} title=${reason || undefined}>${t(`status.${status}`)}<//>`;
}
