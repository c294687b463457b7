// The picture of an account, wherever it is stored, and the dialog that replaces it.
import { html, useState } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { usePicture } from "../lib/files.js";
import { Avatar } from "./avatar.js";
import { Button } from "./button.js";
import { Dialog } from "./dialog.js";
import { FileUpload } from "./file-upload.js";

/** @param {{ src?: string | null, name?: string | null, seed?: string, size?: number }} props */
export function AccountPicture({ src, ...rest }) {
  return html`<${Avatar} src=${usePicture(src)} ...${rest} />`;
}

/**
 * `done(address)` is called with the address of the new picture.
 * @param {{ src?: string | null, name?: string | null, seed: string, area: string,
 *   done: (address: string) => void, close: () => void }} props
 */
export function PictureDialog({ src, name, seed, area, done, close }) {
  const [current, setCurrent] = useState(src);
  const [busy, setBusy] = useState(false);
  const picture = usePicture(current, "medium");
  /** @param {Rest.FileAnswer} file */
  function stored(file) {
    setCurrent(file.fileUrl);
    done(file.fileUrl);
  }
  return html`<${Dialog} label=${t("picture.change")} close=${() => busy || close()} testId="picture-dialog">
    <div class="confirm picture-dialog"><h2>${t("picture.change")}</h2>
      <${Avatar} src=${picture} name=${name} seed=${seed} size=${128} />
      <p class="muted small-text">${t("picture.hint")}</p>
      <${FileUpload} place=${{ type: "avatar", area, recordId: seed }} accept="image/*,.heic" done=${stored}
        label=${t("picture.choose")} busyChanged=${setBusy} />
      <div class="form-actions"><${Button} label=${t("action.close")} action=${close} disabled=${busy}
        testId="picture-close" /></div></div>
  <//>`;
}
