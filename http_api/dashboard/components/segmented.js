// A choice of one value out of a few that are all shown.
import { html } from "../lib/view.js";

/**
 * `choose` is called for each press. The test id of an option is `testId` and its value.
 * @param {{ label: string, value: string, options: [value: string, text: string, title?: string][],
 *   choose: (value: any) => void, className?: string, testId: string }} props
 */
export const Segmented = ({ label, value, options, choose, className = "", testId }) => html`<div
  class=${`segmented ${className}`} role="group" aria-label=${label}>${options.map(([each, text, title]) => html`
    <button type="button" key=${each} aria-pressed=${each === value} title=${title} onClick=${() => choose(each)}
      data-testid=${`${testId}-${each}`}>${text}</button>`)}</div>`;
