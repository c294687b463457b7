// The form of a customer, new or edited. What was typed stays when the server refuses.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { useSubmit } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { rebased } from "../../../lib/rebase.js";
import { can, currentUser } from "../../../lib/session.js";
import { useFields } from "../../../lib/use-fields.js";
import { Button } from "../../../components/button.js";
import { FormDrawer } from "../../../components/drawer.js";
import { Select } from "../../../components/select.js";
import { Problem } from "../../../components/states.js";
import { toast } from "../../../components/toast.js";
import { differences } from "../differences.js";
import { CustomerField } from "./field.js";
import { FOLDED, GROUPS, NAMES, changesOf, problemOf, textOf } from "./fields.js";

/** @typedef {import("../words.js").Customer} Customer */
/** @typedef {Record<string, string>} Values */

/**
 * @param {{ customer?: Customer, enums: import("../enums.js").Enums, staff: Rest.AssigneeAnswer[],
 *   done: (customer: Customer) => void, cancel: () => void }} props
 */
export function CustomerForm({ customer, enums, staff, done, cancel }) {
  const [base, setBase] = useState(customer);
  const fields = useFields(valuesOf(customer), wordOfProblem);
  const { values } = fields;
  const [own, setOwn] = useState({ leadLevel: "", assignedTo: "" }); // of a new customer
  const [meanwhile, setMeanwhile] = useState(/** @type {string[]} */ ([]));
  const changes = changesOf(values, base);
  const dirty = Object.keys(changes).length > 0;
  const title = t(customer ? "customerForm.edit" : "customerForm.create");

  /** @param {Event} event */
  function checked(event) {
    event.preventDefault();
    if (fields.areValid(NAMES)) submit(event);
  }
  const { problem: refused, busy, submit } = useSubmit(async () => {
    const { data, message } = base
      ? await call("PATCH", `/customers/${base.id}`, { body: { ...changes, version: base.version } })
      : await call("POST", "/customers", { body: { ...withoutNothing(changes), ...withoutNothing(own) } });
    toast(message);
    done(data);
  }, explain);

  /** @param {import("../../../lib/http.js").ApiError} error */
  async function explain(error) {
    fields.refused(NAMES, error);
    if (error.code === "VERSION_CONFLICT") await compare();
  }

  /** After a conflicting edit: shows what the other staff member changed, and goes on from there. */
  async function compare() {
    /** @type {Customer | null} */
    const current = base ? await get(`/customers/${base.id}`).catch(() => null) : null;
    if (!current || !base) return;
    setMeanwhile(differences(base, current, enums));
    fields.setValues(rebased(trimmed(values), valuesOf(base), valuesOf(current)));
    setBase(current);
  }

  return html`<${FormDrawer} title=${title} testId="customer-form" fields=${fields} dirty=${dirty} busy=${busy}
      submit=${checked} cancel=${cancel} refusal=${refused && html`<${Problem} error=${refused} />`}
      meanwhile=${meanwhile} meanwhileText=${t("customerForm.meanwhile")}
      actions=${html`<${Button} type="submit" kind="primary" busy=${busy} label=${t("action.save")}
        disabled=${Boolean(customer) && !dirty} testId="form-save" />`}>
    ${GROUPS.map(([group, names]) => html`<${Group} key=${group} group=${group}
      filled=${names.some((name) => values[name])}>${names.map((name) => html`<${CustomerField} key=${name} name=${name}
        fields=${fields} base=${textOf(base, name)} first=${name === "name"} enums=${enums} />`)}<//>`)}
    ${!customer && html`<${Ownership} own=${own} set=${setOwn} staff=${staff} />`}
  <//>`;
}

/** @param {{ group: string, filled: boolean, children: unknown }} props */
function Group({ group, filled, children }) {
  const [open, setOpen] = useState(!FOLDED.has(group) || filled);
  const title = t(`customerGroup.${group}`);
  if (!open) {
    return html`<div class="form-group"><${Button} kind="ghost" icon="down" label=${title}
      action=${() => setOpen(true)} testId=${`unfold-${group}`} /></div>`;
  }
  return html`<fieldset class="form-group"><legend>${title}</legend><div class="form-grid">${children}</div></fieldset>`;
}

/**
 * Grade and owner of a new customer, which change by steps of their own afterwards.
 * @param {{ own: { leadLevel: string, assignedTo: string }, staff: Rest.AssigneeAnswer[],
 *   set: (own: { leadLevel: string, assignedTo: string }) => void }} props
 */
function Ownership({ own, set, staff }) {
  const grades = catalogue.grades.map((grade) => [grade, t(`leadLevel.${grade}`)]);
  const others = staff.filter(({ id }) => id !== currentUser().id).map(({ id, name }) => [id, name]);
  return html`<${Group} group="ownership" filled>
    <label class="field"><span>${t("customerField.leadLevel")}</span>
      <${Select} label=${t("customerField.leadLevel")} value=${own.leadLevel} data-testid="field-leadLevel"
        choose=${(/** @type {string} */ leadLevel) => set({ ...own, leadLevel })}
        options=${[["", t("customers.notGiven")], ...grades]} /></label>
    ${can("customer:assign") && html`<label class="field"><span>${t("customerField.owner")}</span>
      <${Select} label=${t("customerField.owner")} value=${own.assignedTo} data-testid="field-assignedTo"
        choose=${(/** @type {string} */ assignedTo) => set({ ...own, assignedTo })}
        options=${[["", t("customers.myself")], ...others]} /></label>`}<//>`;
}

/** @param {Customer | undefined} customer @returns {Values} */
const valuesOf = (customer) => Object.fromEntries(NAMES.map((name) => [name, textOf(customer, name)]));

/** @param {Values} values @returns {Values} */
const trimmed = (values) => Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.trim()]));

/** @param {Record<string, unknown>} values */
const withoutNothing = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value));

/** @param {string} name @param {Values} values */
function wordOfProblem(name, values) {
  const problem = problemOf(name, values);
  return problem ? t(`customerProblem.${problem}`) : undefined;
}
