// The form of a contract: new, edit, change of worker, renewal. What was typed stays when the server refuses.
import { html, useRef, useState } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { t } from "../../../lib/i18n.js";
import { moved } from "../../../lib/days.js";
import { today } from "../../../lib/format.js";
import { rebased } from "../../../lib/rebase.js";
import { can } from "../../../lib/session.js";
import { useFields } from "../../../lib/use-fields.js";
import { Button } from "../../../components/button.js";
import { FormDrawer } from "../../../components/drawer.js";
import { Segmented } from "../../../components/segmented.js";
import { Problem } from "../../../components/states.js";
import { CustomerPick } from "./customer-pick.js";
import { ContractField } from "./field.js";
import { groupsOf, namesOf, problemOf, textOf } from "./fields.js";
import { IdCardButton } from "./id-card.js";
import { changesSince } from "../detail/history.js";
import { sendForm } from "./submit.js";
import { TemplateFields, useTemplate } from "./template.js";
import { parties, termsAreOpen } from "../words.js";

/** @type {Record<string, string>} Groups of fields about a person, and how the names of those begin. */
const PEOPLE = { customer: "customer", student: "customer", worker: "worker" };

/**
 * `done(contract, sign)` is called with the saved contract, and whether it is to be sent for signing;
 * `change({ mode, contract })` opens another form instead.
 * @param {{ mode: string, contract?: Contract, done: (contract: Contract, sign: boolean) => void,
 *   open: (id: string) => void, cancel: () => void,
 *   change: (form: { mode: string, contract: Contract }) => void }} props
 * @typedef {Rest.ContractDetail} Contract
 */
export function ContractForm({ mode, contract, done, open, cancel, change }) {
  const [base, setBase] = useState(contract);
  const [category, setCategory] = useState(/** @type {string} */ (contract?.orderCategory ?? "housekeeping"));
  const training = category === "training";
  const groups = groupsOf(mode, training);
  const names = namesOf(groups);
  const start = useRef(startValues(mode, contract));
  const fields = useFields(start.current, wordOfProblem);
  const { values } = fields;
  const [refused, setRefused] = useState(/** @type {import("../../../lib/http.js").ApiError | null} */ (null));
  const [meanwhile, setMeanwhile] = useState(/** @type {string[]} */ ([]));
  const [busy, setBusy] = useState("");
  const template = useTemplate({ contract, training, enabled: !contract || mode !== "edit" || termsAreOpen(contract) });
  const attempt = useRef(/** @type {import("./submit.js").Form["attempt"]} */ ({}));
  /** @param {string} name */
  const locked = (name) => mode === "edit" && !contract?.editableFields.includes(name);
  const first = names.find((name) => !locked(name));
  const dirty = names.some((name) => values[name] !== start.current[name]) || template.dirty;

  /** Takes over what was read from a card. @param {string} who @param {Record<string, string>} found */
  const fill = (who, found) =>
    fields.fill(Object.fromEntries(Object.entries(found).map(([field, text]) => [`${who}${field}`, text])));
  /** Takes over a customer of the records, or gives up the link to it. @param {Rest.CustomerFound | null} customer */
  function pick(customer) {
    const { id = "", name = "", phone, address } = customer ?? {};
    fields.fill({ customerId: id, customerName: name, customerPhone: phone ?? "", customerAddress: address ?? "" });
  }

  /** @param {string} kind draft, sign or save */
  async function submit(kind, { second = false } = {}) {
    if (busy || !fields.areValid(names)) return;
    attempt.current.kind = kind;
    setBusy(kind);
    setRefused(null);
    const sent = values.customerId ? [...names, "customerId"] : names;
    const forms = { mode, second, category, names: sent, values, base, template, attempt: attempt.current };
    try {
      done(await sendForm(forms), kind === "sign");
    } catch (error) {
      setRefused(error);
      fields.refused(names, error);
      if (error.code === "VERSION_CONFLICT") await compare();
    }
    setBusy("");
  }

  /** After a conflicting edit: shows what the other staff member changed, and goes on from there. */
  async function compare() {
    /** @type {Contract | null} */
    const current = await get(`/contracts/${base?.id}`).catch(() => null);
    if (!current || !base) return;
    const edited = names.filter((name) => textOf(current, name) !== textOf(base, name));
    /** @param {Contract} from @param {string} name */
    const shown = (from, name) => textOf(from, name) || "—";
    const lines = edited.map((name) => `${t(`contractField.${name}`)}：${shown(base, name)} → ${shown(current, name)}`);
    setMeanwhile([...changesSince(base, current), ...lines]);
    fields.setValues(rebased(values, textsOf(base, names), textsOf(current, names)));
    setBase(current);
  }
  /** @param {Event} event */
  function submitted(event) {
    event.preventDefault();
    submit(mode === "create" ? "sign" : "save");
  }

  const refusal = refused && html`<${Refusal} error=${refused} open=${open} cancel=${cancel} change=${change}
    again=${() => submit(attempt.current.kind ?? "save", { second: true })} />`;
  const actions = html`${mode === "create" && html`<${Button} label=${t("contractForm.draft")} busy=${busy === "draft"}
      disabled=${busy} action=${() => { submit("draft"); }} testId="form-draft" />`}
    <${Button} type="submit" kind="primary" busy=${busy === "sign" || busy === "save"} disabled=${busy}
      label=${t(`contractForm.${mode}.save`)} testId="form-save" />`;
  return html`<${FormDrawer} title=${t(`contractForm.${mode}`)} testId="contract-form" fields=${fields} dirty=${dirty}
      hint=${t(`contractForm.${mode}.hint`, { name: contract ? parties(contract) : "" })} busy=${busy !== ""}
      submit=${submitted} cancel=${cancel} refusal=${refusal} meanwhile=${meanwhile}
      meanwhileText=${t("contract.meanwhile")} actions=${actions}>
    ${mode === "create" && html`<${Segmented} label=${t("contractFilter.category")} value=${category}
      choose=${setCategory} testId="category"
      options=${Object.keys(catalogue.contractTypes).map((name) => [name, t(`contractCategory.${name}`)])} />`}
    ${groups.map(([group, own]) => html`<fieldset class="form-group" key=${group}>
      <legend>${t(`contractGroup.${group}`)}</legend>
      ${PEOPLE[group] && !locked(`${PEOPLE[group]}IdCard`) && html`<div class="form-tools"><${IdCardButton}
        fill=${(/** @type {Record<string, string>} */ found) => fill(PEOPLE[group] ?? "", found)} />
        ${mode === "create" && PEOPLE[group] === "customer" && can("customer:view")
          && html`<${CustomerPick} picked=${Boolean(values.customerId)} pick=${pick} />`}</div>`}
      <div class="form-grid">${own.map((name) => html`<${ContractField} key=${name} name=${name} fields=${fields}
        locked=${locked(name)} first=${name === first} />`)}</div></fieldset>`)}
    <${TemplateFields} template=${template} contractType=${values.contractType} />
  <//>`;
}

/**
 * The server's refusal; when the customer has a contract already, also what can be done about it.
 * @param {{ error: import("../../../lib/http.js").ApiError, again: () => void, open: (id: string) => void,
 *   cancel: () => void, change: (form: { mode: string, contract: Contract }) => void }} props
 */
function Refusal({ error, again, open, cancel, change }) {
  const candidate = error.code === "CONTRACT_EXISTS" && error.details?.candidate;
  const look = () => { cancel(); open(candidate.id); };
  const replace = async () => change({ mode: "changeWorker", contract: await get(`/contracts/${candidate.id}`) });
  return html`<${Problem} error=${error} />
    ${candidate && html`<div class="candidate" data-testid="candidate">
      <span>${candidate.isYours ? nameOf(candidate) : t("contractForm.someoneElses")}</span>
      <div class="link-row">
        ${candidate.isYours && html`<${Button} small label=${t("contractForm.look")} action=${look} />`}
        ${candidate.canChangeWorker && html`<${Button} small icon="swap" label=${t("contractAction.changeWorker")}
          action=${replace} testId="candidate-change" />`}
        <${Button} small icon="plus" label=${t("contractForm.second")} action=${again} testId="candidate-second" />
      </div></div>`}`;
}

/** @param {{ contractNumber: string, workerName: string, contractStatus: string }} contract */
const nameOf = ({ contractNumber, workerName, contractStatus }) =>
  [contractNumber, workerName, t(`contractStatus.${contractStatus}`)].filter(Boolean).join(" · ");

/** @param {Contract} contract @param {string[]} names */
const textsOf = (contract, names) => Object.fromEntries(names.map((name) => [name, textOf(contract, name)]));

/** @param {string} name @param {Record<string, string>} values */
function wordOfProblem(name, values) {
  const problem = problemOf(name, values);
  return problem ? t(`contractProblem.${problem}`) : undefined;
}

/**
 * @param {string} mode
 * @param {Contract | undefined} contract
 * @returns {Record<string, string>}
 */
function startValues(mode, contract) {
  if (mode === "create" || !contract) return {};
  const names = namesOf(groupsOf(mode, contract.orderCategory === "training"));
  const copied = textsOf(contract, names);
  if (mode === "edit") return copied;
  const own = mode === "renew" ? ["endDate"] : names.filter((name) => name.startsWith("worker"));
  const blank = Object.fromEntries(own.map((name) => [name, ""]));
  return { ...copied, ...blank, startDate: firstDay(mode, contract), remarks: "" };
}

/**
 * The earliest first day of a successor: of a renewal the day after the original's last, otherwise today.
 * @param {string} mode
 * @param {Contract} contract
 */
function firstDay(mode, { startDate, endDate }) {
  if (mode === "renew") return endDate ? moved(endDate, { days: 1 }) : today();
  return startDate && startDate > today() ? startDate : today();
}
