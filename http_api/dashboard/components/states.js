// What is shown in place of content: loading, nothing, failure.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Icon } from "./icons.js";

export function Skeleton({ lines = 3, height }) {
  const style = height ? { height: `${height}px` } : undefined;
  return html`<div class="skeleton-block" role="status" aria-label=${t("state.loading")}>
    ${Array.from({ length: lines }, (_, index) => html`<span class="skeleton" key=${index} style=${style}></span>`)}
  </div>`;
}

export function Empty({ title, hint, action, actionLabel }) {
  return html`<div class="state">
    <${Icon} name="empty" size=${32} />
    <p class="state-title">${title}</p>
    ${hint && html`<p class="muted">${hint}</p>`}
    ${action && html`<${Button} label=${actionLabel} action=${action} />`}
  </div>`;
}

/** A failure that fills the place of what could not be read. */
export function Failure({ error, retry }) {
  return html`<div class="state failed" role="alert">
    <${Icon} name="alert" size=${32} />
    <p class="state-title">${error.message}</p>
    <p class="muted code-line">${codeLine(error)}</p>
    ${retry && html`<${Button} label=${t("action.retry")} icon="refresh" action=${retry} />`}
  </div>`;
}

/** A failure beside the form that caused it. */
export function Problem({ error }) {
  const lines = linesOf(error.details ?? {});
  return html`<div class="problem" role="alert">
    <${Icon} name="alert" size=${16} />
    <div>${error.message} <span class="code">${codeLine(error)}</span>
      ${lines.length > 0 && html`<ul>${lines.map((line) => html`<li key=${line}>${line}</li>`)}</ul>`}
    </div>
  </div>`;
}

const LISTS = ["missing", "invalid", "unknown"];

/** What the server named: fields of the request, or keys of what they stand for. */
function linesOf(details) {
  const fields = Array.isArray(details.fields) ? details.fields.map(fieldText) : [];
  const lists = LISTS.filter((name) => Array.isArray(details[name]) && details[name].length);
  return [...fields, ...lists.map((name) => `${t(`problem.${name}`)}：${details[name].join("、")}`)];
}

function fieldText(field) {
  if (typeof field === "string") return field;
  const place = field.field ?? field.path ?? field.name ?? "";
  return [Array.isArray(place) ? place.join(".") : place, field.message ?? field.problem ?? field.reason].filter(Boolean).join("：");
}

function codeLine({ code, requestId }) {
  return requestId ? `${code} · ${requestId}` : code;
}
