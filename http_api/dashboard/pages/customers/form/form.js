// The form of a customer, new or edited. What was typed stays when the server refuses.
import { html, useRef, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { useSubmit } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { rebased } from "../../../lib/rebase.js";
import { can, currentUser } from "../../../lib/session.js";
import { Button } from "../../../components/button.js";
import { Dialog } from "../../../components/dialog.js";
import { Select } from "../../../components/select.js";
import { Meanwhile, Problem } from "../../../components/states.js";
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
  const [values, setValues] = useState(() => valuesOf(customer));
  const [own, setOwn] = useState({ leadLevel: "", assignedTo: "" }); // of a new customer
  const [problems, setProblems] = useState(/** @type {Record<string, string | undefined>} */ ({}));
  const [meanwhile, setMeanwhile] = useState(/** @type {string[]} */ ([]));
  const [leaving, setLeaving] = useState(false);
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const changes = changesOf(values, base);
  const dirty = Object.keys(changes).length > 0;
  const title = t(customer ? "customerForm.edit" : "customerForm.create");

  /** @param {string} name @param {string} text */
  function set(name, text) {
    setValues({ ...values, [name]: text });
    if (problems[name]) setProblems({ ...problems, [name]: undefined });
  }
  /** @param {string} name */
  const check = (name) => setProblems({ ...problems, [name]: wordOf(problemOf(name, values)) });

  /** @param {Event} event */
  function checked(event) {
    event.preventDefault();
    const found = Object.fromEntries(NAMES.map((name) => [name, wordOf(problemOf(name, values))]));
    setProblems(found);
    const wrong = NAMES.find((name) => found[name]);
    if (wrong) focusOn(form.current, wrong);
    else submit(event);
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
    /** @type {{ field: string, problem: string }[]} */
    const fields = error.details?.fields ?? [];
    const named = Object.fromEntries(fields.map(({ field, problem }) => [field, problem]));
    setProblems(named);
    focusOn(form.current, NAMES.find((name) => named[name]));
    if (error.code === "VERSION_CONFLICT") await compare();
  }

  /** After a conflicting edit: shows what the other staff member changed, and goes on from there. */
  async function compare() {
    /** @type {Customer | null} */
    const current = base ? await get(`/customers/${base.id}`).catch(() => null) : null;
    if (!current || !base) return;
    setMeanwhile(differences(base, current, enums));
    setValues(rebased(trimmed(values), valuesOf(base), valuesOf(current)));
    setBase(current);
  }
  const leave = () => (busy ? null : dirty && !leaving ? setLeaving(true) : cancel());

  return html`<${Dialog} kind="drawer wide" label=${title} close=${leave} testId="customer-form">
    <form class="contract-form" ref=${form} onSubmit=${checked} novalidate>
      <header class="drawer-head"><div class="drawer-title"><h2>${title}</h2></div>
        <${Button} kind="ghost" iconOnly icon="close" label=${t("action.close")} action=${leave} /></header>
      <div class="drawer-content">
        ${GROUPS.map(([group, names]) => html`<${Group} key=${group} group=${group}
          filled=${names.some((name) => values[name])}>
          ${names.map((name) => html`<${CustomerField} key=${name} name=${name} text=${values[name] ?? ""}
            base=${textOf(base, name)} problem=${problems[name]} first=${name === "name"} enums=${enums} set=${set}
            check=${check} />`)}<//>`)}
        ${!customer && html`<${Ownership} own=${own} set=${setOwn} staff=${staff} />`}
      </div>
      <footer class="form-foot">
        ${refused && html`<${Problem} error=${refused} />`}
        <${Meanwhile} text=${t("customerForm.meanwhile")} lines=${meanwhile} testId="meanwhile" />
        ${leaving ? html`<div class="form-actions"><span class="push-right">${t("customerForm.unsaved")}</span>
            <${Button} label=${t("customerForm.stay")} action=${() => setLeaving(false)} />
            <${Button} kind="danger" label=${t("customerForm.discard")} action=${cancel} testId="form-discard" /></div>`
          : html`<div class="form-actions"><${Button} label=${t("action.cancel")} action=${leave} disabled=${busy} />
            <${Button} type="submit" kind="primary" busy=${busy} label=${t("action.save")}
              disabled=${Boolean(customer) && !dirty} testId="form-save" /></div>`}
      </footer>
    </form>
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

/** @param {string | null} problem */
const wordOf = (problem) => (problem ? t(`customerProblem.${problem}`) : undefined);

/** @param {HTMLFormElement | null} form @param {string | undefined} name */
function focusOn(form, name) {
  const field = name && form?.querySelector(`[name="${name}"]`);
  if (field) /** @type {HTMLElement} */ (field).focus();
}
