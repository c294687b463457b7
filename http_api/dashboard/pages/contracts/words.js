// The words of contracts that several views share: columns, types, what is near its end, who signs next.
import { catalogue } from "../../lib/catalogue.js";
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
const KINDS = { draft: "neutral", signing: "warn", signed: "info", active: "good", cancelled: "bad" };
export const kindOf = (status) => KINDS[status] ?? "neutral";

/** "expired", "soon" or nothing, for a contract in force. */
export function endingOf({ contractStatus, endDate }) {
  if (contractStatus !== "active" || !endDate) return null;
  if (endDate < today()) return "expired";
  return endDate <= daysAfter(today(), catalogue.endingSoonDays) ? "soon" : null;
}

export const signedCount = (signers) => signers.filter(({ state }) => state === "signed").length;

/** Who of the people has to sign next; the agency's seal needs nobody. */
export const nextSigner = (signers) => signers.find(({ state, auto }) => state === "signing" && !auto)
  ?? signers.find(({ state, auto }) => state === "waiting" && !auto);

export const typeText = ({ contractType, orderCategory }) =>
  t(contractType ? `contractType.${contractType}` : `contractCategory.${orderCategory}`);

export const parties = ({ customerName, workerName }) => [customerName, workerName].filter(Boolean).join(" · ");

/** Whether the parties do not have the terms before them yet, or no longer: until then everything may be edited. */
export const termsAreOpen = ({ editableFields }) => editableFields.includes("contractType");
