// A rule of automatic transfer as a form has it, and as the server takes it. Pure functions.
import { catalogue } from "../../../lib/catalogue.js";
import { isBetween } from "../../../lib/field-checks.js";

/**
 * @typedef {object} Draft
 * @property {string} ruleName
 * @property {string} description
 * @property {string} inactiveHours
 * @property {string} transferCooldownHours
 * @property {string} maxTransferCount 0: no limit
 * @property {string[]} contractStatuses
 * @property {string[]} leadSources none: all but referrals
 * @property {boolean} windowed
 * @property {string} startTime
 * @property {string} endTime
 * @property {boolean} enableCompensation
 * @property {string[]} sourceUserIds
 * @property {string[]} targetUserIds
 */

/** The fields that are whole numbers, with the least and the most of each. */
export const NUMBERS = /** @type {const} */ ({
  inactiveHours: [1, 8760], transferCooldownHours: [0, 8760], maxTransferCount: [0, 1000],
});

/**
 * @param {Rest.RuleAnswer | null} rule
 * @returns {Draft}
 */
export function draftOf(rule) {
  const when = rule?.triggerConditions;
  const hours = rule?.executionWindow;
  return {
    ruleName: rule?.ruleName ?? "",
    description: rule?.description ?? "",
    inactiveHours: String(when?.inactiveHours ?? 48),
    transferCooldownHours: String(when?.transferCooldownHours ?? 24),
    maxTransferCount: String(when?.maxTransferCount ?? 0),
    contractStatuses: [...(when?.contractStatuses ?? catalogue.customerStages.slice(0, 2))],
    leadSources: [...(when?.leadSources ?? [])],
    windowed: hours?.enabled ?? true,
    startTime: hours?.startTime ?? "09:30",
    endTime: hours?.endTime ?? "18:30",
    enableCompensation: rule?.distributionConfig.enableCompensation ?? false,
    sourceUserIds: [...(rule?.sourceUserIds ?? [])],
    targetUserIds: [...(rule?.targetUserIds ?? [])],
  };
}

/** @param {Draft} draft */
export const isValid = (draft) => draft.ruleName.trim() !== ""
  && [draft.contractStatuses, draft.sourceUserIds, draft.targetUserIds].every((values) => values.length > 0)
  && Object.entries(NUMBERS).every(([name, [least, most]]) =>
    isBetween(draft[/** @type {keyof typeof NUMBERS} */ (name)], least, most));

/**
 * The range of creation days, which this form does not edit, stays as it is.
 * @param {Draft} draft
 * @param {Rest.RuleAnswer | null} rule
 */
export const sentOf = (draft, rule) => ({
  ruleName: draft.ruleName,
  description: draft.description,
  triggerConditions: {
    inactiveHours: Number(draft.inactiveHours),
    transferCooldownHours: Number(draft.transferCooldownHours),
    maxTransferCount: Number(draft.maxTransferCount),
    contractStatuses: draft.contractStatuses,
    leadSources: draft.leadSources,
    createdDateRange: rule?.triggerConditions.createdDateRange ?? {},
  },
  executionWindow: { enabled: draft.windowed, startTime: draft.startTime, endTime: draft.endTime },
  distributionConfig: { enableCompensation: draft.enableCompensation },
  sourceUserIds: draft.sourceUserIds,
  targetUserIds: draft.targetUserIds,
});
