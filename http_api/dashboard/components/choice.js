// A filter with one value out of a few, or none.
import { html } from "../lib/view.js";
import { Select } from "./select.js";

/**
 * @param {{ label: string, value?: string, choose: (value: string) => void,
 *   options: import("./select.js").Option[], testId?: string }} props
 */
export const Choice = ({ label, value = "", choose, options, testId }) => html`<${Select} label=${label} value=${value}
  choose=${choose} options=${[["", label], ...options]} className=${value ? "chosen" : ""} data-testid=${testId} />`;
