// The actions on a customer, each after a confirmation; the server says which are possible.
import { html, useState } from "../../../lib/view.js";
import { call } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { Button } from "../../../components/button.js";
import { Confirm } from "../../../components/confirm.js";
import { Select } from "../../../components/select.js";
import { toast } from "../../../components/toast.js";
import { nameOf } from "../words.js";

/** @typedef {import("../words.js").Customer} Customer */
/** @typedef {"release" | "keep" | "freeze" | "unfreeze" | "delete" | "assign"} Kind */
/**
 * @typedef {object} Question
 * @property {"required" | "optional"} [reason]
 * @property {boolean} [danger]
 * @property {string[]} [reasons] suggested ones, by the keys of their texts
 * @property {(customer: Customer, reason: string, to: string) => Promise<{ data: Customer, message: string }>} run
 */

/** @type {Record<Kind, Question>} */
const QUESTIONS = {
  assign: { reason: "optional", run: ({ id }, reason, to) =>
    call("PATCH", `/customers/${id}/assign`, { body: { assignedTo: to, assignmentReason: reason } }) },
  release: { reason: "required", reasons: ["noDemand", "unreachable", "elsewhere"], run: ({ id }, reason) =>
    call("POST", `/customers/${id}/release-to-pool`, { body: { reason } }) },
  keep: { reason: "required", reasons: ["meeting", "abroad"], run: ({ id }, reason) =>
    call("POST", `/customers/${id}/keep`, { body: { reason } }) },
  freeze: { reason: "optional", reasons: ["dispute"], run: ({ id }, reason) =>
    call("PATCH", `/customers/${id}/freeze`, { body: { reason } }) },
  unfreeze: { run: ({ id }) => call("PATCH", `/customers/${id}/unfreeze`, { body: {} }) },
  delete: { reason: "optional", danger: true, reasons: ["duplicate", "asked"], run: ({ id }, reason) =>
    call("DELETE", `/customers/${id}`, { body: { reason } }) },
};

/** Name, icon and kind of the buttons. */
const BUTTONS = /** @type {[Kind, string, string][]} */ ([
  ["assign", "person", "plain"],
  ["keep", "renew", "plain"],
  ["release", "undo", "plain"],
  ["freeze", "block", "plain"],
  ["unfreeze", "check", "plain"],
  ["delete", "trash", "ghost danger-text push"],
]);

/**
 * `done` gets the customer as it is then, or null when it is gone; `refused` is told of a refusal that a change by
 * another person may have caused.
 * @param {{ customer: Customer, staff: Rest.AssigneeAnswer[], edit: () => void, more?: unknown,
 *   done: (customer: Customer | null) => void, refused: () => Promise<void> }} props
 */
export function ActionBar({ customer, staff, edit, more, done, refused }) {
  const [asked, setAsked] = useState(/** @type {Kind | null} */ (null));
  const [to, setTo] = useState("");
  const offered = BUTTONS.filter(([kind]) => customer.actions.includes(kind) && (kind !== "assign" || staff.length));
  const mayEdit = customer.actions.includes("edit");
  const question = asked && QUESTIONS[asked];

  /** @param {string} reason */
  async function work(reason) {
    try {
      const { data, message } = await /** @type {Question} */ (question).run(customer, reason, to);
      toast(message);
      done(asked === "delete" ? null : data);
    } catch (error) {
      if (error.status === 409 || error.status === 422) await refused();
      throw error;
    }
  }
  if (!offered.length && !mayEdit && !more) return null;
  return html`<footer class="drawer-foot">
    ${more}
    ${mayEdit && html`<${Button} icon="edit" label=${t("customerAction.edit")} action=${() => { edit(); }}
      testId="do-edit" />`}
    ${offered.map(([kind, icon, style]) => html`<${Button} key=${kind} icon=${icon} kind=${style}
      label=${t(`customerAction.${kind}`)} action=${() => { setTo(""); setAsked(kind); }} testId=${`do-${kind}`} />`)}
    ${asked && question && html`<${Confirm} key=${asked} title=${t(`customerAsk.${asked}`, { name: nameOf(customer) })}
      text=${t(`customerAsk.${asked}.text`)} confirmLabel=${t(`customerAction.${asked}`)} danger=${question.danger}
      reason=${question.reason} suggestions=${(question.reasons ?? []).map((reason) => t(`customerReason.${reason}`))}
      work=${work} close=${() => setAsked(null)} blocked=${asked === "assign" && !to}>
      ${asked === "assign" && html`<${StaffChoice} value=${to} choose=${setTo}
        staff=${staff.filter(({ id }) => id !== customer.assignedTo)} />`}<//>`}
  </footer>`;
}

/** @param {{ value: string, choose: (id: string) => void, staff: Rest.AssigneeAnswer[] }} props */
export const StaffChoice = ({ value, choose, staff }) => html`<label class="field"><span>${t("customer.newOwner")}</span>
  <${Select} label=${t("customer.newOwner")} value=${value} choose=${choose} aria-required="true"
    data-testid="assign-to" options=${[["", t("customer.choose")],
      ...staff.map(({ id, name, role }) => [id, `${name} · ${t(`role.${role}`)}`])]} /></label>`;
