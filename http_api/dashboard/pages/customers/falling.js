// The time when a customer falls into the pool, unless there is a follow-up before.
import { html } from "../../lib/view.js";
import { relative } from "../../lib/format.js";
import { t } from "../../lib/i18n.js";
import { Icon } from "../../components/icons.js";

const SOON_MS = 48 * 3_600_000;

/** @param {{ customer: Rest.CustomerAnswer, now: number }} props */
export function Falling({ customer: { fallsAt }, now }) {
  if (!fallsAt) return null;
  const soon = Date.parse(fallsAt) - now < SOON_MS;
  return html`<span class=${`small-text falling ${soon ? "warn-text" : "muted"}`}><${Icon} name="renew" size=${14} />
    ${t("customer.falls", { at: relative(fallsAt, now) })}</span>`;
}
