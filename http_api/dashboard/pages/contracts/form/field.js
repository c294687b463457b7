// One field of a contract's form.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { FormField } from "../../../components/form-field.js";
import { fieldOf, isNeeded, optionsOf } from "./fields.js";

/**
 * @param {{ name: string, fields: ReturnType<typeof import("../../../lib/use-fields.js").useFields>, locked: boolean,
 *   first: boolean }} props
 */
export function ContractField({ name, fields, locked, first }) {
  const field = fieldOf(name);
  return html`<${FormField} ...${field} name=${name} label=${t(`contractField.${name}`)} fields=${fields}
    locked=${locked} first=${first} needed=${isNeeded(name)} yuan=${field.kind === "money"}
    unit=${field.kind === "day" && t(`contractUnit.${name}`)}
    options=${[["", t("contract.choose")], ...optionsOf(name).map((option) => [option, t(`contractType.${option}`)])]} />`;
}
