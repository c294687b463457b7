// The names of roles.
import { t } from "./i18n.js";

/**
 * A system role in the reader's language; a custom role as it is called.
 * @param {string} code
 * @param {string} name
 */
export function roleText(code, name) {
  const text = t(`role.${code}`);
  return text === `role.${code}` ? name : text;
}
