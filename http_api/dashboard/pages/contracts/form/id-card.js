// Reads an identity card from a photo: the result proposes, the reader of this page confirms.
import { html, useState } from "../../../lib/view.js";
import { call } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { Button } from "../../../components/button.js";
import { Dialog } from "../../../components/dialog.js";
import { FileButton } from "../../../components/file-button.js";
import { Problem } from "../../../components/states.js";

const READING_MS = 60_000;

/** @param {{ fill: (found: Record<string, string>) => void }} props */
export function IdCardButton({ fill }) {
  const [open, setOpen] = useState(false);
  return html`<${Button} small kind="ghost" icon="person" label=${t("idCard.read")} action=${() => setOpen(true)}
      testId="id-card-read" />
    ${open && html`<${IdCardDialog} fill=${fill} close=${() => setOpen(false)} />`}`;
}

/** @param {{ fill: (found: Record<string, string>) => void, close: () => void }} props */
function IdCardDialog({ fill, close }) {
  const [answer, setAnswer] = useState(/** @type {Rest.RecognitionAnswer | null} */ (null));
  const [problem, setProblem] = useState(/** @type {import("../../../lib/http.js").ApiError | null} */ (null));
  const [busy, setBusy] = useState(false);

  /** @param {File} file */
  async function read(file) {
    const form = new FormData();
    form.append("side", "front");
    form.append("file", file);
    setBusy(true);
    setProblem(null);
    setAnswer(null);
    try {
      setAnswer((await call("POST", "/ocr/idcard", { form, timeoutMs: READING_MS })).data);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }
  function use() {
    const { name, idNumber, address } = /** @type {Rest.RecognitionAnswer} */ (answer).card;
    /** @type {[string, string | null][]} */
    const found = [["Name", name], ["IdCard", idNumber], ["Address", address]];
    fill(Object.fromEntries(found.flatMap(([field, text]) => (text ? [[field, text]] : []))));
    close();
  }

  const card = answer?.card;
  return html`<${Dialog} label=${t("idCard.read")} close=${() => busy || close()} testId="id-card-dialog">
    <div class="confirm"><h2>${t("idCard.read")}</h2><p class="muted">${t("idCard.hint")}</p>
      ${card && html`<dl class="facts" data-testid="id-card-result">
        <${Fact} name="name" text=${card.name} /><${Fact} name="number" text=${card.idNumber} />
        <${Fact} name="address" text=${card.address} /></dl>`}
      ${answer && answer.warnings.length > 0 && html`<ul class="meanwhile" role="status" data-testid="id-card-warnings">
        ${answer.warnings.map(({ code, message }) => html`<li key=${code}>${message}</li>`)}</ul>`}
      ${problem && html`<${Problem} error=${problem} />`}
      <div class="form-actions"><${Button} label=${t("action.cancel")} action=${close} disabled=${busy} />
        <${FileButton} kind=${card ? "plain" : "primary"} label=${t("idCard.choose")} busy=${busy}
          accept="image/*,.heic" choose=${read} inputTestId="id-card-input" testId="id-card-choose" />
        ${card && html`<${Button} kind="primary" label=${t("idCard.use")} action=${use} testId="id-card-use" />`}</div>
    </div>
  <//>`;
}

/** @param {{ name: string, text: string | null }} props */
const Fact = ({ name, text }) => html`<div class="fact"><dt>${t(`idCard.${name}`)}</dt>
  <dd>${text || html`<span class="muted">${t("idCard.missing")}</span>`}</dd></div>`;
