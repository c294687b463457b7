// A template that is being edited, and what the server says about it. Pure functions.

/** @typedef {Rest.NotificationTemplate} Template */
/** @typedef {Pick<Template, Field>} Draft */
/** @typedef {typeof FIELDS[number]} Field */

export const TEXTS = /** @type {const} */ (
  ["title", "titleEn", "content", "contentEn", "actionText", "actionTextEn", "actionUrl"]);
export const FIELDS = /** @type {const} */ ([...TEXTS, "priority", "enabled"]);
export const PRIORITIES = ["HIGH", "MEDIUM", "LOW"];
/** The most characters, as the server counts them. */
export const MOST = { title: 100, titleEn: 100, content: 500, contentEn: 500, actionText: 20, actionTextEn: 20,
  actionUrl: 200 };

/**
 * @param {Template} template
 * @returns {Draft}
 */
export const draftOf = (template) =>
  /** @type {any} */ (Object.fromEntries(FIELDS.map((name) => [name, template[name]])));

/**
 * The fields in which the draft differs from the template.
 * @param {Draft} base
 * @param {Draft} draft
 */
export const changed = (base, draft) => FIELDS.filter((name) => base[name] !== draft[name]);

/**
 * The text with a variable in place of what is selected, and where the caret then stands.
 * @param {string} text
 * @param {string} variable
 * @param {number} start
 * @param {number} end
 */
export function withVariable(text, variable, start = text.length, end = start) {
  const inserted = `{{${variable}}}`;
  return { text: text.slice(0, start) + inserted + text.slice(end), caret: start + inserted.length };
}

/**
 * The refusals of the server, by field; empty when it concerns no field.
 * @param {{ message: string, code: string, details?: any }} error
 * @returns {Record<string, string>}
 */
export function problemsOf({ message, code, details }) {
  if (details?.field) {
    const which = (details.variables ?? []).map((/** @type {string} */ name) => `{{${name}}}`).join(" ");
    return { [details.field]: `${message}${which && ` ${which}`} (${code})` };
  }
  const fields = Array.isArray(details?.fields) ? details.fields : [];
  return Object.fromEntries(fields.filter((/** @type {any} */ { field }) => field)
    .map((/** @type {any} */ { field, problem }) => [field, problem]));
}
