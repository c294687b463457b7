// One field of a contract's form, with its problem.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { DateField } from "../../../components/date-field.js";
import { fieldOf, isNeeded, optionsOf } from "./fields.js";

/** @type {Record<string, string>} */
const INPUT_MODES = { phone: "tel", money: "decimal", day: "numeric" };

/**
 * @param {{ name: string, text: string, problem?: string, locked: boolean, first: boolean,
 * set: (name: string, text: string) => void, check: (name: string) => void }} props
 */
export function ContractField({ name, text, problem, locked, first, set, check }) {
  const { kind, most, wide, half } = fieldOf(name);
  const shared = {
    name, disabled: locked, autofocus: first, maxlength: most, autocomplete: "off", "data-testid": `field-${name}`,
    "aria-invalid": Boolean(problem), "aria-describedby": problem ? `problem-${name}` : undefined,
    "aria-required": isNeeded(name), value: text,
    onInput: (/** @type {any} */ event) => set(name, event.target.value), onBlur: () => text && check(name),
  };
  const control = kind === "paragraph" ? html`<textarea rows="3" ...${shared}></textarea>`
    : kind === "choice" ? html`<select ...${shared}><option value="">${t("contract.choose")}</option>
      ${optionsOf(name).map((option) => html`<option key=${option} value=${option}>
        ${t(`contractType.${option}`)}</option>`)}</select>`
    : kind === "date" ? html`<${DateField} ...${shared} choose=${(/** @type {string} */ day) => set(name, day)} />`
    : html`<span class="with-unit">${kind === "money" && html`<span class="unit">¥</span>`}
      <input type="text" inputmode=${INPUT_MODES[kind]} ...${shared} />
      ${kind === "day" && html`<span class="unit">${t(`contractUnit.${name}`)}</span>`}</span>`;
  return html`<label class=${`field ${wide ? "wide-field" : ""} ${half ? "half-field" : ""}`}>
    <span>${t(`contractField.${name}`)}
      ${isNeeded(name) && html`<span class="needed" aria-hidden="true"> *</span>`}</span>
    ${control}
    ${problem && html`<span class="field-problem" id=${`problem-${name}`} role="alert">${problem}</span>`}</label>`;
}
