// The status of a mini-program user as a tag.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { Tag } from "../../components/tag.js";

/** @type {Record<string, string>} */
const KIND_OF_STATUS = { active: "good", inactive: "neutral", blocked: "bad" };

/** @param {{ status: string, reason?: string | null }} props */
export function StatusTag({ status, reason }) {
  return html`<${Tag} kind=${KIND_OF_STATUS[status]} title=${reason || undefined}>${t(`userStatus.${status}`)}<//>`;
}
