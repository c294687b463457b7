// Definitions that several views of contracts share: columns of the board, type, nearness of the end, the next signer.
import { catalogue } from "../../lib/catalogue.js";
import { language, t } from "../../lib/i18n.js";
import { moved } from "../../lib/days.js";
import { today } from "../../lib/format.js";

/**
 * The columns of the board; the last one has the contracts that ended as planned.
 * @type {{ name: string, statuses: Rest.ContractStatus[] }[]}
 */
export const COLUMNS = [
  { name: "draft", statuses: ["draft"] },
  { name: "signing", statuses: ["signing"] },
  { name: "signed", statuses: ["signed"] },
  { name: "active", statuses: ["active"] },
  { name: "cancelled", statuses: ["cancelled"] },
  { name: "ended", statuses: ["replaced", "graduated", "refunded"] },
];
export const STATUSES = COLUMNS.flatMap(({ statuses }) => statuses);

/** @type {Record<string, string>} */
const TAG_KINDS = { draft: "neutral", signing: "warn", signed: "info", active: "good", cancelled: "bad" };
/** @param {string} status */
export const tagKindOf = (status) => TAG_KINDS[status] ?? "neutral";

/**
 * The state of a contract in force that is past its last day ("expired") or near it ("soon").
 * @param {{ contractStatus: string, endDate: string | null }} contract
 */
export function endingOf({ contractStatus, endDate }) {
  if (contractStatus !== "active" || !endDate) return null;
  if (endDate < today()) return "expired";
  return endDate <= moved(today(), { days: catalogue.endingSoonDays }) ? "soon" : null;
}

/** @param {{ state: string }[]} signers */
export const signedCount = (signers) => signers.filter(({ state }) => state === "signed").length;

/**
 * The party that has to sign next; the agency's seal is automatic.
 * @template {{ state: string, auto: boolean }} Signer
 * @param {Signer[]} signers
 */
export const nextSigner = (signers) => signers.find(({ state, auto }) => state === "signing" && !auto)
  ?? signers.find(({ state, auto }) => state === "waiting" && !auto);

/** @param {{ contractType: string | null, orderCategory: string }} contract */
export const typeText = ({ contractType, orderCategory }) =>
  t(contractType ? `contractType.${contractType}` : `contractCategory.${orderCategory}`);

/** @param {{ customerName: string, workerName: string | null }} contract */
export const parties = ({ customerName, workerName }) => [customerName, workerName].filter(Boolean).join(" · ");

/**
 * True if all terms may be edited: before the parties got them to sign, or after signing ended without a contract.
 * @param {{ editableFields: string[] }} contract
 */
export const termsAreOpen = ({ editableFields }) => editableFields.includes("contractType");

/**
 * Why a contract was cancelled. A card is the same for readers of every language, so it has both notes.
 * @param {{ cancelNote: string, cancelNoteEn: string }} card
 */
export const cancelNoteOf = ({ cancelNote, cancelNoteEn }) => (language.get() === "en" && cancelNoteEn) || cancelNote;
