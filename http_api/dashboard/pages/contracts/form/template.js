// The provider's template that a contract is written on, and the fields of it that the terms do not fill.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { Problem, Skeleton } from "../../../components/states.js";

const TRAINING = /培训/;
const SERVICE_TYPE = "服务类型";

const nothing = Promise.resolve({ list: [], controls: [] });

/** Which template, and what was typed into it. */
export function useTemplate({ contract, training, enabled }) {
  const list = useResource("templates", (signal) => (enabled ? get("/esign/templates", {}, signal) : nothing));
  const [chosen, setChosen] = useState(contract?.esignTemplateNo ?? "");
  const [values, setValues] = useState(contract?.templateParams ?? {});
  const [dirty, setDirty] = useState(false);
  const suited = list.data?.list.find(({ templateName }) => TRAINING.test(templateName) === training);
  const number = chosen || suited?.templateNo || "";
  const fields = useResource(number, (signal) => (number && enabled ? readFields(number, signal) : nothing));
  const controls = (fields.data?.controls ?? []).filter(({ fromTerms }) => !fromTerms);
  return {
    enabled, list, fields, number, controls, values, dirty,
    choose: (no) => { setChosen(no); setDirty(true); },
    set: (key, value) => { setValues((before) => ({ ...before, [key]: value })); setDirty(true); },
    /** Only what this template has. */
    params: (contractType) => Object.fromEntries(controls
      .map((control) => [control.key, valueOf(control, values, contractType)]).filter(([, value]) => value.length)),
  };
}

async function readFields(templateIdent, signal) {
  return (await call("POST", "/esign/template/data", { body: { templateIdent }, signal })).data;
}

/** What the terms already say of the kind of service is not asked again. */
function valueOf({ key, options }, values, contractType) {
  const given = values[key] ?? "";
  return !given && key === SERVICE_TYPE && options.includes(contractType) ? contractType : given;
}

export function TemplateFields({ template, contractType }) {
  const { enabled, list, fields, number, controls, values, choose, set } = template;
  if (!enabled) return null;
  const problem = list.error ?? fields.error;
  return html`<fieldset class="form-group"><legend>${t("contractGroup.template")}</legend>
    ${problem ? html`<${Problem} error=${problem} />` : !list.data ? html`<${Skeleton} lines=${2} />` : html`
    <div class="form-grid"><label class="field wide-field"><span>${t("contractField.esignTemplateNo")}</span>
      <select value=${number} onChange=${(event) => choose(event.target.value)} data-testid="template">
        ${list.data.list.map(({ templateNo, templateName }) => html`<option key=${templateNo} value=${templateNo}>
          ${templateName}</option>`)}</select></label>
      ${controls.map((control) => html`<${Control} key=${control.key} control=${control}
        value=${valueOf(control, values, contractType)} set=${(value) => set(control.key, value)} />`)}</div>`}
  </fieldset>`;
}

const partsOf = (value) => (Array.isArray(value) ? value : value.split("；")).filter(Boolean);

function Control({ control, value, set }) {
  const { key, kind, required, options } = control;
  const label = html`<span>${key}${required && html`<span class="needed" aria-hidden="true"> *</span>`}</span>`;
  const typed = (event) => set(event.target.value);
  if (kind === "choices") {
    return html`<${Choices} label=${label} options=${options} value=${partsOf(value)} set=${set} />`;
  }
  if (kind === "check") return html`<label class="check-field"><input type="checkbox" checked=${value === "是"}
    onChange=${(event) => set(event.target.checked ? "是" : "")} />${label}</label>`;
  if (kind === "choice" || kind === "dropdown") return html`<label class="field">${label}
    <select value=${value} onChange=${typed}><option value="">${t("contract.choose")}</option>
      ${options.map((option) => html`<option key=${option} value=${option}>${option}</option>`)}</select></label>`;
  if (kind === "paragraph") return html`<label class="field wide-field">${label}
    <textarea rows="2" value=${value} maxlength="2000" onInput=${typed}></textarea></label>`;
  return html`<label class="field">${label}<input value=${value} maxlength="200" onInput=${typed} /></label>`;
}

function Choices({ label, options, value, set }) {
  const turn = (option) => set(options.filter((each) => value.includes(each) !== (each === option)).join("；"));
  return html`<fieldset class="wide-field choices"><legend class="small-text muted">${label}</legend>
    ${options.map((option) => html`<label class="check-field" key=${option}><input type="checkbox"
      checked=${value.includes(option)} onChange=${() => turn(option)} /><span>${option}</span></label>`)}</fieldset>`;
}
