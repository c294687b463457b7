// A filter by days: from and to, either of which may be open.
import { html } from "../lib/view.js";
import { isDay } from "../lib/days.js";
import { setQuery } from "../lib/router.js";
import { DateField } from "./date-field.js";

/**
 * `from`, `to`: the names of the days in the address.
 * @param {{ label: string, fromLabel: string, toLabel: string, from: string, to: string,
 *   query: import("../lib/query.js").Query }} props
 */
export function DayRange({ label, fromLabel, toLabel, from, to, query }) {
  /** @type {(name: string) => (text: string) => void} */
  const choose = (name) => (text) => {
    if (!text || isDay(text)) setQuery({ [name]: text, page: "" }, { replace: true });
  };
  return html`<fieldset class="day-range"><legend>${label}</legend>
    <${DateField} aria-label=${fromLabel} value=${query[from]} max=${query[to]} choose=${choose(from)} />
    <span aria-hidden="true">–</span>
    <${DateField} aria-label=${toLabel} value=${query[to]} min=${query[from]} choose=${choose(to)} />
  </fieldset>`;
}
