// Options of forms and filters of customers: the values of dictionaries, which administrators edit while pages are
// open, and the staff members who can own customers.
import { get } from "../../lib/api.js";
import { useResource } from "../../lib/hooks.js";
import { language } from "../../lib/i18n.js";
import { useNamespace } from "../../lib/live.js";
import { can } from "../../lib/session.js";

/** @typedef {"leadSource" | "serviceCategory" | "restSchedule" | "educationRequirement"} DictionaryField */
/**
 * @typedef {object} Enums
 * @property {(field: DictionaryField, present?: string | null) => import("../../components/select.js").Option[]}
 *   optionsOf the values that can be chosen; also `present`, which may be retired
 * @property {(field: DictionaryField, value: string) => string} labelOf
 */

const LISTS = /** @type {const} */ ({
  leadSource: "leadSources",
  serviceCategory: "serviceCategories",
  restSchedule: "restSchedules",
  educationRequirement: "educationRequirements",
});

/** @param {string} name @returns {name is DictionaryField} */
export const isDictionary = (name) => name in LISTS;

/**
 * Follows edits of the dictionaries.
 * @returns {Enums}
 */
export function useEnums() {
  /** @type {import("../../lib/hooks.js").Resource<Rest.EnumsAnswer>} */
  const { data, reload } = useResource("customer-enums", (signal) => get("/customers/enums", {}, signal));
  /** @param {Push.DictionaryChangedPush} push */
  const onChange = ({ code, version }) => { if (version > (data?.versions[code] ?? 0)) reload(); };
  useNamespace("/customers", { dictionaryChanged: onChange, gap: reload });

  /** @type {Enums["labelOf"]} */
  const labelOf = (field, value) => (language.get() === "en" && data?.labelsEn[field]?.[value]) || value;
  /** @type {Enums["optionsOf"]} */
  function optionsOf(field, present) {
    const values = data?.[LISTS[field]] ?? [];
    const shown = present && !values.includes(present) ? [...values, present] : values;
    return shown.map((value) => [value, labelOf(field, value)]);
  }
  return { optionsOf, labelOf };
}

/**
 * None for readers who may not know the others.
 * @returns {Rest.AssigneeAnswer[]}
 */
export function useAssignees() {
  const allowed = can("customer:assign") || can("user:view");
  /** @type {import("../../lib/hooks.js").Resource<Rest.AssigneeAnswer[]>} */
  const { data } = useResource(`assignees ${allowed}`,
    (signal) => (allowed ? get("/customers/assignable-users", {}, signal) : Promise.resolve([])));
  return data ?? [];
}
