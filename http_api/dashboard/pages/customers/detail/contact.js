// Calling a customer and copying the WeChat id: at hand on a phone, each use recorded by the server.
import { html } from "../../../lib/view.js";
import { call } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { Button } from "../../../components/button.js";
import { toast, toastError } from "../../../components/toast.js";

const PHONE = "(pointer: coarse)"; // a device that can call; elsewhere the number is copied

/** @param {{ customer: import("../words.js").Customer }} props */
export function Contact({ customer }) {
  if (!customer.actions.includes("reveal")) return null;
  const calls = matchMedia(PHONE).matches;
  return html`<div class="contact-row">
    ${customer.phone && html`<${Button} icon="phone" kind="primary" testId="contact-phone"
      label=${t(calls ? "customer.call" : "customer.copyPhone")}
      action=${() => use(customer.id, "phone", calls ? dial : copy)} />`}
    ${customer.wechatId && html`<${Button} icon="chat" label=${t("customer.copyWeChat")} testId="contact-wechat"
      action=${() => use(customer.id, "wechatId", copy)} />`}
  </div>`;
}

/**
 * @param {string} id
 * @param {"phone" | "wechatId"} field
 * @param {(value: string) => unknown} work
 */
async function use(id, field, work) {
  try {
    const { data } = await call("POST", `/customers/${id}/reveal`, { body: { fields: [field] } });
    await work(data[field]);
  } catch (error) {
    toastError(error);
  }
}

/** @param {string} phone */
function dial(phone) {
  location.href = `tel:${phone}`;
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("customer.copied"));
  } catch {
    toast(t("customer.notCopied"), "failed"); // a page without TLS, or a browser that forbids it
  }
}
