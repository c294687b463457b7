// One field of a contract's form, with its problem.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { DateField } from "../../../components/date-field.js";
import { Select } from "../../../components/select.js";
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
    name, disabled: locked, autofocus: first, "data-testid": `field-${name}`,
    "aria-invalid": Boolean(problem), "aria-describedby": problem ? `problem-${name}` : undefined,
    "aria-required": isNeeded(name), value: text, onBlur: () => text && check(name),
  };
  const choose = (/** @type {string} */ chosen) => set(name, chosen);
  const written = { ...shared, maxlength: most, autocomplete: "off",
    onInput: (/** @type {any} */ event) => choose(event.target.value) };
  const control = kind === "paragraph" ? html`<textarea rows="3" ...${written}></textarea>`
    : kind === "choice" ? html`<${Select} ...${shared} label=${t(`contractField.${name}`)} choose=${choose}
      options=${[["", t("contract.choose")],
        ...optionsOf(name).map((option) => [option, t(`contractType.${option}`)])]} />`
    : kind === "date" ? html`<${DateField} ...${shared} choose=${choose} />`
    : html`<span class="with-unit">${kind === "money" && html`<span class="unit">¥</span>`}
      <input type="text" inputmode=${INPUT_MODES[kind]} ...${written} />
      ${kind === "day" && html`<span class="unit">${t(`contractUnit.${name}`)}</span>`}</span>`;
  return html`<label class=${`field ${wide ? "wide-field" : ""} ${half ? "half-field" : ""}`}>
    <span>${t(`contractField.${name}`)}
      ${isNeeded(name) && html`<span class="needed" aria-hidden="true"> *</span>`}</span>
    ${control}
    ${problem && html`<span class="field-problem" id=${`problem-${name}`} role="alert">${problem}</span>`}</label>`;
}
