// The provider's template of a contract, and those of its fields that the terms do not fill.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { t, textOr } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { Select } from "../../../components/select.js";
import { Problem, Skeleton } from "../../../components/states.js";

const TRAINING = /培训/;
const SERVICE_TYPE = "服务类型";

/** @type {Promise<any>} */
const nothing = Promise.resolve({ list: [], controls: [] });

/**
 * The chosen template and what was typed into its fields.
 * @param {{ contract?: Rest.ContractDetail, training: boolean, enabled: boolean }} options
 */
export function useTemplate({ contract, training, enabled }) {
  /** @type {import("../../../lib/hooks.js").Resource<Rest.TemplateList>} */
  const list = useResource("templates", (signal) => (enabled ? get("/esign/templates", {}, signal) : nothing));
  const [chosen, setChosen] = useState(contract?.esignTemplateNo ?? "");
  const [values, setValues] = useState(/** @type {Record<string, any>} */ (contract?.templateParams ?? {}));
  const [dirty, setDirty] = useState(false);
  const suited = list.data?.list.find(({ templateName }) => TRAINING.test(templateName) === training);
  const number = chosen || suited?.templateNo || "";
  /** @type {import("../../../lib/hooks.js").Resource<Rest.TemplateFields>} */
  const fields = useResource(number, (signal) => (number && enabled ? readFields(number, signal) : nothing));
  const controls = (fields.data?.controls ?? []).filter(({ fromTerms }) => !fromTerms);
  return {
    enabled, list, fields, number, controls, values, dirty,
    choose: (/** @type {string} */ no) => { setChosen(no); setDirty(true); },
    set: (/** @type {string} */ key, /** @type {unknown} */ value) => {
      setValues((before) => ({ ...before, [key]: value }));
      setDirty(true);
    },
    /** The values of this template's fields. */
    params: (/** @type {string} */ contractType) => Object.fromEntries(controls
      .map((control) => [control.key, valueOf(control, values, contractType)]).filter(([, value]) => value.length)),
  };
}

/**
 * @param {string} templateIdent
 * @param {AbortSignal} signal
 */
async function readFields(templateIdent, signal) {
  return (await call("POST", "/esign/template/data", { body: { templateIdent }, signal })).data;
}

/**
 * The typed values; for the kind of service, by default that of the terms.
 * @param {Rest.ControlAnswer} control
 * @param {Record<string, any>} values
 * @param {string} contractType
 */
function valueOf({ key, options }, values, contractType) {
  const given = values[key] ?? "";
  return !given && key === SERVICE_TYPE && options.includes(contractType) ? contractType : given;
}

/** @param {{ template: ReturnType<typeof useTemplate>, contractType: string }} props */
export function TemplateFields({ template, contractType }) {
  const { enabled, list, fields, number, controls, values, choose, set } = template;
  if (!enabled) return null;
  const problem = list.error ?? fields.error;
  return html`<fieldset class="form-group"><legend>${t("contractGroup.template")}</legend>
    ${problem ? html`<${Problem} error=${problem} />` : !list.data ? html`<${Skeleton} lines=${2} />` : html`
    <div class="form-grid"><label class="field wide-field"><span>${t("contractField.esignTemplateNo")}</span>
      <${Select} label=${t("contractField.esignTemplateNo")} value=${number} choose=${choose} data-testid="template"
        options=${list.data.list.map(({ templateNo, templateName }) => [templateNo, templateName])} /></label>
      ${controls.map((control) => html`<${Control} key=${control.key} control=${control}
        value=${valueOf(control, values, contractType)}
          set=${(/** @type {unknown} */ value) => set(control.key, value)} />`)}</div>`}
  </fieldset>`;
}

/** @param {string | string[]} value */
const partsOf = (value) => (Array.isArray(value) ? value : value.split("；")).filter(Boolean);

/** @param {{ control: Rest.ControlAnswer, value: any, set: (value: unknown) => void }} props */
function Control({ control, value, set }) {
  const { key, kind, required, options } = control;
  const label = html`<span>${textOr("templateField", key)}
    ${required && html`<span class="needed" aria-hidden="true"> *</span>`}</span>`;
  /** @param {any} event */
  const typed = (event) => set(event.target.value);
  if (kind === "choices") {
    return html`<${Choices} label=${label} options=${options} value=${partsOf(value)} set=${set} />`;
  }
  if (kind === "check") return html`<label class="check-field"><input type="checkbox" checked=${value === "是"}
    onChange=${(/** @type {any} */ event) => set(event.target.checked ? "是" : "")} />${label}</label>`;
  if (kind === "choice" || kind === "dropdown") return html`<label class="field">${label}
    <${Select} label=${textOr("templateField", key)} value=${value} choose=${set} aria-required=${required}
      options=${[["", t("contract.choose")], ...options.map((option) => [option, option])]} /></label>`;
  if (kind === "paragraph") return html`<label class="field wide-field">${label}
    <textarea rows="2" value=${value} maxlength="2000" onInput=${typed}></textarea></label>`;
  return html`<label class="field">${label}<input value=${value} maxlength="200" onInput=${typed} /></label>`;
}

/** @param {{ label: unknown, options: string[], value: string[], set: (value: string) => void }} props */
function Choices({ label, options, value, set }) {
  /** @param {string} option */
  const turn = (option) => set(options.filter((each) => value.includes(each) !== (each === option)).join("；"));
  return html`<fieldset class="wide-field choices"><legend class="small-text muted">${label}</legend>
    ${options.map((option) => html`<label class="check-field" key=${option}><input type="checkbox"
      checked=${value.includes(option)} onChange=${() => turn(option)} /><span>${option}</span></label>`)}</fieldset>`;
}
