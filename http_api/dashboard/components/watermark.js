// The watermark over revealed values: who looks at them, and since when. A photograph of the screen tells both.
import { html } from "../lib/view.js";
import { dateTime } from "../lib/format.js";
import { currentUser } from "../lib/session.js";
import { createStore, useStore } from "../lib/store.js";

const TIMES = 40;
const text = createStore(""); // one for all, so that two watermarks lie exactly on each other

/** To be called when a value is revealed. */
export function showWatermark() {
  const { name, username } = currentUser();
  text.set(`${name || username} ${dateTime(Date.now())}`);
}

export function Watermark() {
  const shown = useStore(text);
  return html`<span class="watermark" aria-hidden="true" data-testid="watermark">
    ${Array.from({ length: TIMES }, (_, index) => html`<span key=${index}>${shown}</span>`)}</span>`;
}
