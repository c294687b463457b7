// Chooses a file and sends it: how far it is, cancel, and go on after a break.
import { html, useEffect, useRef, useState } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { cancel, upload } from "../lib/upload.js";
import { Button } from "./button.js";
import { FileButton } from "./file-button.js";
import { Problem } from "./states.js";

/**
 * @typedef {{ file: File, share: number, error: import("../lib/http.js").ApiError | null }} Sending
 * @param {{ place: import("../lib/upload.js").Place, label: string, accept: string,
 *   done: (file: Rest.FileAnswer) => void, busyChanged?: (busy: boolean) => void }} props
 */
export function FileUpload({ place, label, accept, done, busyChanged = () => undefined }) {
  const [sending, setSending] = useState(/** @type {Sending | null} */ (null));
  const abort = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => () => abort.current?.abort(), []); // what has arrived is kept for the next try
  const busy = sending !== null && sending.error === null;
  useEffect(() => busyChanged(busy), [busy]);

  /** @param {File} file */
  async function start(file) {
    const controller = abort.current = new AbortController();
    setSending({ file, share: 0, error: null });
    try {
      const stored = await upload(file, place, (share) => setSending({ file, share, error: null }), controller.signal);
      setSending(null);
      done(stored);
    } catch (error) {
      if (!controller.signal.aborted) setSending({ file, share: 0, error });
    }
  }
  async function stop() {
    const file = sending?.file;
    abort.current?.abort();
    setSending(null);
    if (file) await cancel(file, place);
  }

  const percent = Math.round((sending?.share ?? 0) * 100);
  return html`<div class="file-upload">
    ${busy ? html`<div class="upload-line"><progress max="100" value=${percent} aria-label=${t("upload.sending")}
        data-testid="upload-progress"></progress><span class="numeric">${percent}%</span>
        <${Button} small kind="ghost" label=${t("upload.cancel")} action=${stop} testId="upload-cancel" /></div>`
      : html`<${FileButton} kind="primary" label=${label} accept=${accept} choose=${start} inputTestId="file-input"
        testId="upload-choose" />`}
    ${sending?.error && html`<${Problem} error=${sending.error} />
      <div class="upload-line"><${Button} small icon="refresh" label=${t("upload.resume")}
        action=${() => { start(sending.file); }} testId="upload-resume" />
      <${Button} small kind="ghost" label=${t("upload.cancel")} action=${stop} /></div>`}
  </div>`;
}
