// The messages and recipients of the start of signing: for the question before it, and on its own.
import { html, useRef } from "../../../lib/view.js";
import { t, textOr } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { forgetTask, runTask, useTask } from "../../../lib/tasks.js";
import { Button } from "../../../components/button.js";
import { Dialog } from "../../../components/dialog.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { TaskNote } from "../../../components/task-note.js";
import { parties } from "../words.js";

/**
 * Once the contract has moved on there is no preview any more: the last one stays until its dialog closes.
 * @param {{ contract: Rest.ContractDetail }} props
 */
export function SigningPreview({ contract: newest }) {
  const last = useRef(newest);
  if (newest.contractStatus === last.current.contractStatus) last.current = newest;
  const contract = last.current;
  const { id, version } = contract;
  const asked = `signing-preview ${id} ${version}`;
  const task = useTask(asked);
  /** @type {import("../../../lib/hooks.js").Resource<Rest.SigningPreviewAnswer>} */
  const preview = useResource(asked, async () => {
    const { result, error } = await runTask(asked, "GET", `/contracts/${id}/signing-preview`);
    forgetTask(asked);
    if (error) throw error;
    return result;
  });
  const { data, error, reload } = preview;
  if (error) return html`<${Failure} error=${error} retry=${reload} />`;
  if (!data) {
    return html`<${TaskNote} task=${task} about=${t("contractTask.signingPreview")} testId="signing-preview-task" />
      <${Skeleton} lines=${6} />`;
  }
  const missing = data.fields.filter(({ required, values }) => required && !values.length).map(({ key }) => key);
  const invalid = data.fields.filter((field) => field.invalid).map(({ key }) => key);
  return html`<div class="signing-preview" data-testid="signing-preview">
    <h3>${t("signingPreview.recipients")}</h3>
    <ol class="recipients">${data.recipients.map((party) => html`<${Recipient} key=${party.role} party=${party}
      invited=${contract.contractStatus === "draft"} />`)}
    </ol>
    <h3>${t("signingPreview.document", { name: data.templateName || data.templateNo })}</h3>
    <${Mismatch} kind="missing" keys=${missing} /><${Mismatch} kind="invalid" keys=${invalid} />
    <${Mismatch} kind="unknown" keys=${data.unknown} />
    <dl class="facts">${data.fields.map(({ key, values }) => html`<div class="fact" key=${key}>
      <dt>${textOr("templateField", key)}</dt>
      <dd class="prewrap">${values.join("、") || "—"}</dd></div>`)}</dl>
  </div>`;
}

/**
 * Fields whose value does not fit the template.
 * @param {{ kind: "missing" | "invalid" | "unknown", keys: string[] }} props
 */
function Mismatch({ kind, keys }) {
  return keys.length > 0 && html`<div class="notice bad"><strong>${t(`signingPreview.${kind}`)}</strong>
    <div>${keys.map((key) => textOr("templateField", key)).join("、")}</div></div>`;
}

/**
 * `invited`: the customer is told in the mini-program, the first time.
 * @param {{ party: Rest.RecipientAnswer, invited: boolean }} props
 */
function Recipient({ party: { role, roleText, name, phone, auto }, invited }) {
  const how = auto ? "seal" : role === "customer" && invited ? "invited" : "link";
  return html`<li><strong>${name}</strong> <span class="muted small-text">${roleText}${phone && ` · ${phone}`}</span>
    <div class="muted small-text">${t(`signingPreview.${how}`)}</div></li>`;
}

/** @param {{ contract: Rest.ContractDetail, close: () => void }} props */
export function PreviewDialog({ contract, close }) {
  const title = t("signingPreview.title", { name: parties(contract) });
  return html`<${Dialog} label=${title} close=${close} testId="preview-dialog"><div class="confirm"><h2>${title}</h2>
    <${SigningPreview} contract=${contract} />
    <div class="form-actions"><${Button} label=${t("action.close")} action=${close} /></div></div><//>`;
}
