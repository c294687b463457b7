// Words of the operation log.
import { t, textOr } from "../../lib/i18n.js";

/** @param {string} action */
export const actionText = (action) => textOr("auditAction", action);
/** @param {string} kind */
export const targetText = (kind) => textOr("auditTarget", kind);
/** @param {{ kind: string, name: string, id: string }} actor */
export const actorText = ({ kind, name, id }) => (kind === "system" ? t("auditActor.system") : name || id || "—");

/**
 * A changed value as people read it.
 * @param {unknown} value
 */
export function valueText(value) {
  if (value === undefined || value === null || value === "") return "—";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
