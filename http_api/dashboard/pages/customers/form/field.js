// One field of a customer's form.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { FormField } from "../../../components/form-field.js";
import { isDictionary } from "../enums.js";
import { fieldOf } from "./fields.js";

/** @type {Record<string, string>} */
const UNITS = { salaryBudget: "customerUnit.perMonth", homeArea: "customerUnit.area", familySize: "customerUnit.people",
  serviceDays: "customerUnit.days" };

/**
 * `base`: the value that the form was filled with.
 * @param {{ name: string, fields: ReturnType<typeof import("../../../lib/use-fields.js").useFields>, base: string,
 *   first: boolean, enums: import("../enums.js").Enums }} props
 */
export function CustomerField({ name, fields, base, first, enums }) {
  const field = fieldOf(name);
  const options = isDictionary(name) ? enums.optionsOf(name, base) : [];
  return html`<${FormField} ...${field} name=${name} label=${t(`customerField.${name}`)} fields=${fields} first=${first}
    needed=${name === "name"} yuan=${field.kind === "money" || name === "salaryBudget"}
    unit=${UNITS[name] && t(UNITS[name])} options=${[["", t("customers.notGiven")], ...options]} />`;
}
