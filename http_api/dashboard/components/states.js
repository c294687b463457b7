// Views that stand in for content: loading, nothing found, failure.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Icon } from "./icons.js";

/** @typedef {{ message: string, code: string, requestId?: string | null, details?: any }} ShownError */

/** @param {{ lines?: number, height?: number }} props */
export function Skeleton({ lines = 3, height }) {
  const style = height ? { height: `${height}px` } : undefined;
  return html`<div class="skeleton-block" role="status" aria-label=${t("state.loading")}>
    ${Array.from({ length: lines }, (_, index) => html`<span class="skeleton" key=${index} style=${style}></span>`)}
  </div>`;
}

/** @param {{ title: string, hint?: string | false, action?: () => unknown, actionLabel?: string }} props */
export function Empty({ title, hint, action, actionLabel }) {
  return html`<div class="state">
    <${Icon} name="empty" size=${32} />
    <p class="state-title">${title}</p>
    ${hint && html`<p class="muted">${hint}</p>`}
    ${action && html`<${Button} label=${actionLabel} action=${action} />`}
  </div>`;
}

/**
 * A failure in place of what could not be read.
 * @param {{ error: ShownError, retry?: () => void }} props
 */
export function Failure({ error, retry }) {
  return html`<div class="state failed" role="alert">
    <${Icon} name="alert" size=${32} />
    <p class="state-title">${error.message}</p>
    <p class="muted code-line">${codeLine(error)}</p>
    ${retry && html`<${Button} label=${t("action.retry")} icon="refresh" action=${retry} />`}
  </div>`;
}

/**
 * A failure beside the form that caused it.
 * @param {{ error: ShownError }} props
 */
export function Problem({ error }) {
  const lines = linesOf(error.details ?? {});
  return html`<div class="problem" role="alert">
    <${Icon} name="alert" size=${16} />
    <div>${error.message} <span class="code">${codeLine(error)}</span>
      ${lines.length > 0 && html`<ul>${lines.map((line) => html`<li key=${line}>${line}</li>`)}</ul>`}
    </div>
  </div>`;
}

/**
 * What another person changed while a form was open; nothing when there is none.
 * @param {{ text: string, lines: string[], testId?: string }} props
 */
export const Meanwhile = ({ text, lines, testId }) => lines.length > 0 && html`<div class="meanwhile" role="status"
  data-testid=${testId}>${text}<ul>${lines.map((line) => html`<li key=${line}>${line}</li>`)}</ul></div>`;

const LISTS = ["missing", "invalid", "unknown"];

/**
 * The names in the details: fields of the request, or keys of a template.
 * @param {any} details
 * @returns {string[]}
 */
function linesOf(details) {
  const fields = Array.isArray(details.fields) ? details.fields.map(fieldText) : [];
  const lists = LISTS.filter((name) => Array.isArray(details[name]) && details[name].length);
  return [...fields, ...lists.map((name) => `${t(`problem.${name}`)}：${details[name].join("、")}`)];
}

/** @param {any} field */
function fieldText(field) {
  if (typeof field === "string") return field;
  const place = field.field ?? field.path ?? field.name ?? "";
  const name = Array.isArray(place) ? place.join(".") : place;
  return [name, field.message ?? field.problem ?? field.reason].filter(Boolean).join("：");
}

/** @param {ShownError} error */
function codeLine({ code, requestId }) {
  return requestId ? `${code} · ${requestId}` : code;
}
