// The document of a contract: its preview at the provider, and the signed PDF. Both may take long.
import { html } from "../../../lib/view.js";
import { download, saveFile } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { forgetTask, runTask, useTask } from "../../../lib/tasks.js";
import { Icon } from "../../../components/icons.js";
import { TaskNote } from "../../../components/task-note.js";
import { toast, toastError } from "../../../components/toast.js";

const TOO_LARGE = "TASK_RESULT_TOO_LARGE";

/** @param {string} id */
const previewKey = (id) => `preview ${id}`;
/** @param {string} id */
const documentKey = (id) => `document ${id}`;

/** @param {Rest.ContractDetail} contract */
export async function openPreview({ id }) {
  const { result, error, slow } = await runTask(previewKey(id), "GET", `/contracts/${id}/preview`);
  if (error) toastError(error);
  else if (slow) return toast(t("contractTask.preview.done")); // browsers open windows only right after a click
  else window.open(result.previewUrl, "_blank", "noopener");
  return forgetTask(previewKey(id));
}

/** @param {Rest.ContractDetail} contract */
export async function saveDocument({ id, contractNumber }) {
  const path = `/contracts/${id}/document`;
  const { result, error, slow } = await runTask(documentKey(id), "GET", path, { file: true });
  forgetTask(documentKey(id));
  try {
    if (error?.code === TOO_LARGE) await download(path, {}, `${contractNumber}.pdf`);
    else if (error) throw error;
    else await saveFile(result, `${contractNumber}.pdf`);
    if (slow) toast(t("contractTask.document.done"));
  } catch (failed) {
    toastError(failed);
  }
}

/**
 * The tasks under way: `preview` and `document` are the states of their tasks.
 * @param {string} id
 */
export function useDocuments(id) {
  return { preview: useTask(previewKey(id)), document: useTask(documentKey(id)) };
}

/** @param {{ id: string }} props */
export function DocumentTasks({ id }) {
  const { preview, document } = useDocuments(id);
  return html`<${TaskNote} task=${document} about=${t("contractTask.document")} testId="document-task" />
    <${TaskNote} task=${preview} about=${t("contractTask.preview")} testId="preview-task" />
    ${preview?.status === "done" && preview.slow && html`<div class="notice info" data-testid="preview-ready">
      <strong>${t("contractTask.preview.done")}</strong>
      <div class="link-row"><a class="button small" href=${preview.result.previewUrl} target="_blank"
        rel="noopener noreferrer" onClick=${() => setTimeout(() => forgetTask(previewKey(id)))}>
        <${Icon} name="open" size=${16} /><span>${t("contract.open")}</span></a></div></div>`}`;
}
