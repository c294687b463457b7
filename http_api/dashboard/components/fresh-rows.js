// The button above a list that shows the rows which have come since it was read.
import { html } from "../lib/view.js";

/** @param {{ count: number, text: string, show: () => void, testId?: string }} props Nothing is drawn for none. */
export const FreshRows = ({ count, text, show, testId }) => count > 0 && html`<div class="pill-row" aria-live="polite">
  <button type="button" class="pill" onClick=${show} data-testid=${testId}>${text}</button></div>`;
