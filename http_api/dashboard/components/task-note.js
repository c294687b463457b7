// A request in progress: what is waited for, and since when.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { bytes } from "../lib/format.js";
import { useNow } from "../lib/hooks.js";

/**
 * Nothing unless the task takes long. `about`: what it is for.
 * @param {{ task: import("../lib/tasks.js").TaskState | undefined, about: string, testId?: string }} props
 */
export const TaskNote = ({ task, about, testId }) => task?.status === "running" && task.slow
  && html`<${Running} task=${task} about=${about} testId=${testId} />`;

/** @param {{ task: import("../lib/tasks.js").TaskState, about: string, testId?: string }} props */
function Running({ task: { startedAt, step, receivedBytes }, about, testId }) {
  const seconds = Math.max(0, Math.round((useNow(1_000) - startedAt) / 1000));
  const text = step === "receiving" ? t("task.receiving", { size: bytes(receivedBytes) }) : t("task.asking");
  return html`<div class="task-note" data-testid=${testId}>
    <span class="spinner" aria-hidden="true"></span>
    <div><div role="status"><strong>${about}</strong> ${text}</div>
      <div class="muted small-text">${t("task.seconds", { n: seconds })} · ${t("task.leave")}</div></div></div>`;
}
