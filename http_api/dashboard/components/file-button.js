// A button that opens the browser's choice of a file.
import { html, useRef } from "../lib/view.js";
import { Button } from "./button.js";

/**
 * @param {import("./button.js").ButtonProps & { accept: string, choose: (file: File) => void, inputTestId: string
 *   }} props
 */
export function FileButton({ accept, choose, inputTestId, ...button }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  /** @param {any} event */
  function chosen(event) {
    const [file] = event.target.files;
    event.target.value = ""; // so that the same file may be chosen again
    if (file) choose(file);
  }
  return html`<input type="file" class="visually-hidden" tabindex="-1" aria-label=${button.label} accept=${accept}
      ref=${input} onChange=${chosen} data-testid=${inputTestId} />
    <${Button} ...${button} action=${() => { input.current?.click(); }} />`;
}
