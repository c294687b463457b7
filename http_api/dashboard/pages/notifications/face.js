// The face of one notification: icon, title, content, and a line below.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { Icon } from "../../components/icons.js";

/** @type {Record<string, string>} by the icon that the server names */
const ICONS = { contract: "contract", customer: "customer", interview: "camera", shield: "shield", user: "person" };

/**
 * @param {{ icon: string, color: string, title: string, content: string, unread: boolean, foot: unknown }} props
 */
export const NoticeFace = ({ icon, color, title, content, unread, foot }) => html`
  <span class=${`notice-icon ${color}`}><${Icon} name=${ICONS[icon] ?? "bell"} /></span>
  <span class="notice-text"><span class="notice-title">${unread && html`<span class="visually-hidden"
      >${t("notice.unread")}：</span>`}${title}</span>
    ${content && html`<span class="notice-content">${content}</span>`}
    <span class="notice-foot muted small-text">${foot}</span></span>
  ${unread && html`<span class="notice-dot" aria-hidden="true"></span>`}`;
