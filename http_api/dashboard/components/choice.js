// A filter with one value out of a few, or none.
import { html } from "../lib/view.js";

/**
 * @param {{ label: string, value?: string, choose: (event: any) => void, options: [string, string][],
 *   testId?: string }} props `options`: pairs of a value and its text
 */
export function Choice({ label, value = "", choose, options, testId }) {
  return html`<select class=${value ? "chosen" : ""} aria-label=${label} value=${value} onChange=${choose}
    data-testid=${testId}>
    <option value="">${label}</option>
    ${options.map(([option, text]) => html`<option key=${option} value=${option}>${text}</option>`)}
  </select>`;
}
