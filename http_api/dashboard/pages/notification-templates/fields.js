// The fields of a template: Chinese and English side by side, and the variables that can stand in them.
import { html, useRef } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { Select } from "../../components/select.js";
import { MOST, PRIORITIES, withVariable } from "./draft.js";

/** @typedef {keyof typeof MOST} TextField */

const LONG = ["content", "contentEn"];

/**
 * `problems`: by the name of the field.
 * @param {{ draft: import("./draft.js").Draft, set: (part: Partial<import("./draft.js").Draft>) => void,
 *   variables: string[], problems: Record<string, string> }} props
 */
export function TemplateFields({ draft, set, variables, problems }) {
  const last = useRef(/** @type {{ name: TextField, input: HTMLInputElement } | null} */ (null));

  /**
   * Where the caret is, in the field that was used last.
   * @param {string} variable
   */
  function insert(variable) {
    const { name, input } = last.current ?? { name: /** @type {TextField} */ ("content"), input: null };
    const [start, end] = [input?.selectionStart ?? undefined, input?.selectionEnd ?? undefined];
    const { text, caret } = withVariable(draft[name], variable, start, end);
    set({ [name]: text });
    input?.focus();
    setTimeout(() => input?.setSelectionRange(caret, caret)); // after the new text is drawn
  }
  /** @param {TextField} name */
  const field = (name) => html`<${TextField} name=${name} value=${draft[name]} problem=${problems[name]}
    set=${(/** @type {string} */ text) => set({ [name]: text })}
    used=${(/** @type {HTMLInputElement} */ input) => { last.current = { name, input }; }} />`;

  return html`<div class="form-grid template-fields">
    ${field("title")}${field("titleEn")}${field("content")}${field("contentEn")}
    <div class="template-variables" role="group" aria-label=${t("noticeTemplate.variables")}>
      <p class="muted small-text">${t("noticeTemplate.variables")}</p>
      <div class="suggestions">${variables.map((name) => html`<button type="button" key=${name} class="chip"
        onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${() => insert(name)}
        data-testid=${`variable-${name}`}>${`{{${name}}}`}</button>`)}</div></div>
    ${field("actionText")}${field("actionTextEn")}${field("actionUrl")}
    <label class="field"><span>${t("noticeTemplate.priority")}</span>
      <${Select} label=${t("noticeTemplate.priority")} value=${draft.priority}
        choose=${(/** @type {Rest.Priority} */ priority) => set({ priority })}
        options=${PRIORITIES.map((each) => [each, t(`noticePriority.${each}`)])} data-testid="template-priority" /></label>
    <label class="check"><input type="checkbox" checked=${draft.enabled} data-testid="template-enabled"
      onChange=${() => set({ enabled: !draft.enabled })} />${t("noticeTemplate.enabledHint")}</label>
  </div>`;
}

/**
 * `used(input)`: the caret is in it.
 * @param {{ name: TextField, value: string, problem?: string, set: (text: string) => void,
 *   used: (input: HTMLInputElement) => void }} props
 */
function TextField({ name, value, problem, set, used }) {
  const attributes = {
    value, maxlength: MOST[name], autocomplete: "off", "data-testid": `template-${name}`,
    lang: name.endsWith("En") ? "en" : undefined, required: name === "title", "aria-invalid": Boolean(problem),
    "aria-describedby": problem ? `problem-${name}` : undefined,
    onInput: (/** @type {any} */ event) => set(event.target.value),
    onFocus: (/** @type {any} */ event) => used(event.target),
  };
  return html`<label class="field"><span>${t(`noticeTemplate.${name}`)}</span>
    ${LONG.includes(name) ? html`<textarea rows="4" ...${attributes}></textarea>`
      : html`<input type="text" ...${attributes} />`}
    ${problem && html`<span class="field-problem" id=${`problem-${name}`} role="alert">${problem}</span>`}</label>`;
}
