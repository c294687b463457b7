// The words of contracts that several views share: columns, types, what is near its end, who signs next.
import { t } from "../../lib/i18n.js";
import { daysAfter, today } from "../../lib/format.js";

/** The columns of the board; the last one gathers what is over by itself. */
export const COLUMNS = [
  { name: "draft", statuses: ["draft"] },
  { name: "signing", statuses: ["signing"] },
  { name: "signed", statuses: ["signed"] },
  { name: "active", statuses: ["active"] },
  { name: "cancelled", statuses: ["cancelled"] },
  { name: "ended", statuses: ["replaced", "graduated", "refunded"] },
];
export const STATUSES = COLUMNS.flatMap(({ statuses }) => statuses);
export const CATEGORIES = ["housekeeping", "training"];
export const TYPES = [
  "月嫂", "住家育儿嫂", "保洁", "住家保姆", "养宠", "小时工", "白班育儿", "白班育儿嫂", "白班保姆", "住家护老", "儿童陪伴师", "职培",
];
export const SOON_DAYS = 30;
const SEES_ALL = new Set(["admin", "manager", "operator"]);
const MANAGES = new Set(["admin", "manager"]);

export const seesAll = (user) => SEES_ALL.has(user?.role);
export const manages = (user) => MANAGES.has(user?.role);

const KINDS = { draft: "neutral", signing: "warn", signed: "info", active: "good", cancelled: "bad" };
export const kindOf = (status) => KINDS[status] ?? "neutral";

/** "expired", "soon" or nothing, for a contract in force. */
export function endingOf({ contractStatus, endDate }) {
  if (contractStatus !== "active" || !endDate) return null;
  if (endDate < today()) return "expired";
  return endDate <= daysAfter(today(), SOON_DAYS) ? "soon" : null;
}

export const CAN_BE_SIGNED_AGAIN = new Set(["expired", "rejected", "withdrawn", "failed"]);

export const signedCount = (signers) => signers.filter(({ state }) => state === "signed").length;

/** Who of the people has to sign next; the agency's seal needs nobody. */
export const nextSigner = (signers) => signers.find(({ state, auto }) => state === "signing" && !auto)
  ?? signers.find(({ state, auto }) => state === "waiting" && !auto);

export const typeText = ({ contractType, orderCategory }) => {
  const type = contractType ?? (orderCategory === "training" ? "职培" : "");
  return type && t(`contractType.${type}`);
};

export const parties = ({ customerName, workerName }) => [customerName, workerName].filter(Boolean).join(" · ");
