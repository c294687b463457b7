// How a notification would read by the draft, in both languages, with real values where there are some.
import { html, useEffect, useState } from "../../lib/view.js";
import { call } from "../../lib/api.js";
import { useDebounced } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { NoticeFace } from "../notifications/face.js";
import { TEXTS } from "./draft.js";

const TYPING_MS = 350;

/** @typedef {{ shown: Rest.Preview | null, error: import("../../lib/http.js").ApiError | null }} Preview */

/**
 * The last draft that the server accepts stays while the present one is refused.
 * @param {string} code
 * @param {import("./draft.js").Draft} draft
 * @returns {Preview}
 */
export function usePreview(code, draft) {
  const [preview, setPreview] = useState(/** @type {Preview} */ ({ shown: null, error: null }));
  const body = Object.fromEntries(TEXTS.map((name) => [name, draft[name]]));
  const key = JSON.stringify(body);
  const ask = useDebounced((/** @type {AbortSignal} */ signal) => {
    if (signal.aborted) return;
    call("POST", `/notification-templates/${code}/preview`, { body, signal }).then(
      ({ data }) => setPreview({ shown: data, error: null }),
      (error) => { if (!signal.aborted) setPreview((before) => ({ ...before, error })); });
  }, TYPING_MS);
  useEffect(() => {
    const controller = new AbortController();
    ask(controller.signal);
    return () => controller.abort();
  }, [key]);
  return preview;
}

/**
 * @param {{ preview: Preview, template: Rest.NotificationTemplate, draft: import("./draft.js").Draft }} props
 */
export function TemplatePreview({ preview: { shown }, template, draft }) {
  if (!shown) return null;
  const { icon, color } = template;
  /** @param {string} language @param {string} title @param {string} content @param {string} action */
  const face = (language, title, content, action) => html`<div class="notice-row unread" lang=${language}>
    <${NoticeFace} icon=${icon} color=${color} title=${title} content=${content} unread=${draft.enabled}
      foot=${shown.actionUrl && html`<span class="notice-action" title=${shown.actionUrl}>${action}</span>`} /></div>`;
  return html`<section aria-labelledby="template-preview" data-testid="preview">
    <h3 id="template-preview">${t("noticeTemplate.preview")}</h3>
    <p class="muted small-text" data-testid="preview-basis">${t(`noticeBasis.${shown.basis}`)}</p>
    <div class="form-grid template-preview">
      ${face("zh-CN", shown.title, shown.content, shown.actionText)}
      ${face("en", shown.titleEn, shown.contentEn, shown.actionTextEn)}</div></section>`;
}
