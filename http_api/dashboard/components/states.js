// What is shown in place of content: loading, nothing, failure.
import { html } from "../view.js";
import { t } from "../i18n.js";
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
  const fields = Array.isArray(error.details?.fields) ? error.details.fields : [];
  return html`<div class="problem" role="alert">
    <${Icon} name="alert" size=${16} />
    <div>${error.message} <span class="code">${codeLine(error)}</span>
      ${fields.length > 0 && html`<ul>${fields.map((field, index) => html`<li key=${index}>
        ${fieldText(field)}</li>`)}</ul>`}
    </div>
  </div>`;
}

function fieldText(field) {
  if (typeof field === "string") return field;
  const place = field.field ?? field.path ?? field.name ?? "";
  return [Array.isArray(place) ? place.join(".") : place, field.message ?? field.problem ?? field.reason].filter(Boolean).join("：");
}

function codeLine({ code, requestId }) {
  return requestId ? `${code} · ${requestId}` : code;
}
