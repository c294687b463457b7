// One labelled field of a long form, with its problem.
import { html } from "../lib/view.js";
import { DateField } from "./date-field.js";
import { Select } from "./select.js";

/** @type {Record<string, string>} */
const INPUT_MODES = { phone: "tel", money: "decimal", day: "numeric", number: "numeric" };

/**
 * `kind`: choice, date, paragraph, or how the text of an input is checked. `most`: characters. `half`: beside the other
 * one also on a phone. `yuan`: an amount. A filled field is
 * checked when it is left.
 * @param {{ name: string, label: string, kind: string, most?: number, wide?: boolean, half?: boolean,
 *   fields: ReturnType<typeof import("../lib/use-fields.js").useFields>, needed?: boolean, locked?: boolean,
 *   first: boolean, yuan?: boolean, unit?: string | false, options?: import("./select.js").Option[] }} props
 */
export function FormField(props) {
  const { name, label, kind, most, wide, half, fields, needed = false, locked = false, first } = props;
  const { yuan, unit, options = [] } = props;
  const text = fields.values[name] ?? "";
  const problem = fields.problems[name];
  const shared = {
    name, disabled: locked, autofocus: first, "data-testid": `field-${name}`, "aria-invalid": Boolean(problem),
    "aria-describedby": problem ? `problem-${name}` : undefined, "aria-required": needed, value: text,
    onBlur: () => text && fields.check(name),
  };
  const choose = (/** @type {string} */ chosen) => fields.set(name, chosen);
  const written = { ...shared, maxlength: most, autocomplete: "off",
    onInput: (/** @type {any} */ event) => choose(event.target.value) };
  const control = kind === "paragraph" ? html`<textarea rows="3" ...${written}></textarea>`
    : kind === "choice" ? html`<${Select} ...${shared} label=${label} choose=${choose} options=${options} />`
    : kind === "date" ? html`<${DateField} ...${shared} choose=${choose} />`
    : html`<span class="with-unit">${yuan && html`<span class="unit">¥</span>`}
      <input type="text" inputmode=${INPUT_MODES[kind]} ...${written} />
      ${unit && html`<span class="unit">${unit}</span>`}</span>`;
  return html`<label class=${`field ${wide ? "wide-field" : ""} ${half ? "half-field" : ""}`}>
    <span>${label}${needed && html`<span class="needed" aria-hidden="true"> *</span>`}</span>
    ${control}
    ${problem && html`<span class="field-problem" id=${`problem-${name}`} role="alert">${problem}</span>`}</label>`;
}
