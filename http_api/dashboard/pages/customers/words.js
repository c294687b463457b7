// Definitions that several views of customers share: colours of stages, the name, the demand in a few words.
import { t } from "../../lib/i18n.js";
import { money } from "../../lib/format.js";

/** @typedef {Rest.CustomerAnswer} Customer */

/** @type {Rest.Stage} */
export const LOST = "流失客户";

/** @type {Partial<Record<Rest.Stage, string>>} */
const STAGE_KINDS = { 匹配中: "info", 已面试: "info", 签约中: "warn", 已签约: "good", 退款中: "warn", 流失客户: "bad" };
/** @param {Rest.Stage} stage */
export const stageKind = (stage) => STAGE_KINDS[stage] ?? "neutral";

/** @type {Partial<Record<Rest.FollowUpStatus, string>>} */
const FOLLOW_UP_KINDS = { 已跟进: "good", 新客未跟进: "warn", 流转未跟进: "warn" };
/** @param {Rest.FollowUpStatus} status */
export const followUpKind = (status) => FOLLOW_UP_KINDS[status] ?? "neutral";

/** @param {{ name: string, customerId: string }} customer */
export const nameOf = ({ name, customerId }) => name || customerId;

/** @param {Customer} customer */
export const ownerOf = ({ assignedToName, inPublicPool }) => assignedToName || (inPublicPool ? t("customers.inPool") : "");

/**
 * The wanted service and the budget.
 * @param {Customer} customer
 * @param {import("./enums.js").Enums} enums
 */
export const demandOf = ({ serviceCategory, salaryBudget }, enums) => [
  serviceCategory && enums.labelOf("serviceCategory", serviceCategory),
  salaryBudget && t("customers.budget", { amount: money(salaryBudget) }),
].filter(Boolean).join(" · ");

/**
 * The letter of a grade, such as A; the whole label of a level that has none.
 * @param {Rest.LeadLevel} level
 */
export const shortLevel = (level) => t(`leadLevel.${level}`).split("·")[0].replace("类", "").trim();
