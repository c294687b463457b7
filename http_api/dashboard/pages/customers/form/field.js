// One field of a customer's form, with its problem.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { DateField } from "../../../components/date-field.js";
import { Select } from "../../../components/select.js";
import { isDictionary } from "../enums.js";
import { fieldOf } from "./fields.js";

/** @type {Record<string, string>} */
const INPUT_MODES = { phone: "tel", money: "decimal", number: "numeric" };
/** @type {Record<string, string>} */
const UNITS = { salaryBudget: "customerUnit.perMonth", homeArea: "customerUnit.area", familySize: "customerUnit.people",
  serviceDays: "customerUnit.days" };

/**
 * @param {{ name: string, text: string, base: string, problem?: string, first: boolean,
 * enums: import("../enums.js").Enums, set: (name: string, text: string) => void,
 * check: (name: string) => void }} props
 */
export function CustomerField({ name, text, base, problem, first, enums, set, check }) {
  const { kind, most, wide } = fieldOf(name);
  const label = t(`customerField.${name}`);
  const shared = {
    name, autofocus: first, "data-testid": `field-${name}`, "aria-invalid": Boolean(problem),
    "aria-describedby": problem ? `problem-${name}` : undefined, "aria-required": name === "name", value: text,
    onBlur: () => text && check(name),
  };
  const choose = (/** @type {string} */ chosen) => set(name, chosen);
  const written = { ...shared, maxlength: most, autocomplete: "off",
    onInput: (/** @type {any} */ event) => choose(event.target.value) };
  const options = isDictionary(name) ? enums.optionsOf(name, base) : [];
  const control = kind === "paragraph" ? html`<textarea rows="3" ...${written}></textarea>`
    : kind === "choice" ? html`<${Select} ...${shared} label=${label} choose=${choose}
      options=${[["", t("customers.notGiven")], ...options]} />`
    : kind === "date" ? html`<${DateField} ...${shared} choose=${choose} />`
    : html`<span class="with-unit">${(kind === "money" || name === "salaryBudget")
        && html`<span class="unit">¥</span>`}
      <input type="text" inputmode=${INPUT_MODES[kind]} ...${written} />
      ${UNITS[name] && html`<span class="unit">${t(UNITS[name])}</span>`}</span>`;
  return html`<label class=${`field ${wide ? "wide-field" : ""}`}>
    <span>${label}${name === "name" && html`<span class="needed" aria-hidden="true"> *</span>`}</span>
    ${control}
    ${problem && html`<span class="field-problem" id=${`problem-${name}`} role="alert">${problem}</span>`}</label>`;
}
