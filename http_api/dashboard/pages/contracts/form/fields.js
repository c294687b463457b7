// The fields of a contract's form: which there are, how values are checked and how they are sent.
import { catalogue } from "../../../lib/catalogue.js";
import { isDay } from "../../../lib/days.js";
import { today } from "../../../lib/format.js";

/** @param {string} who */
const PERSON = (who) => [`${who}Name`, `${who}Phone`, `${who}IdCard`, `${who}Address`];
const SERVICE = [
  "contractType", "expectedDeliveryDate", "startDate", "endDate", "workerSalary", "customerServiceFee",
  "workerServiceFee", "monthlyWorkDays", "deposit", "finalPayment", "salaryPaymentDay",
];
const COURSE = ["intendedCourses", "courseAmount", "serviceFeeAmount", "consultPosition"];

/**
 * `most`: characters. `half`: beside the other one also on a phone.
 * @typedef {{ kind: string, most?: number, wide?: boolean, half?: boolean }} Field
 */
/** @type {Record<string, Partial<Field>>} */
const FIELDS = {
  contractType: { kind: "choice" },
  customerName: { most: 50 }, customerPhone: { kind: "phone" }, customerIdCard: { kind: "card" },
  customerAddress: { most: 200 },
  workerName: { most: 50 }, workerPhone: { kind: "phone" }, workerIdCard: { kind: "card" },
  workerAddress: { most: 200 },
  startDate: { kind: "date", half: true }, endDate: { kind: "date", half: true }, expectedDeliveryDate: { kind: "date" },
  workerSalary: { kind: "money" }, customerServiceFee: { kind: "money" }, workerServiceFee: { kind: "money" },
  deposit: { kind: "money" }, finalPayment: { kind: "money" }, courseAmount: { kind: "money" },
  serviceFeeAmount: { kind: "money" }, salaryPaymentDay: { kind: "day" }, monthlyWorkDays: { kind: "day" },
  intendedCourses: { kind: "list", wide: true, most: 500 }, consultPosition: { most: 50 },
  remarks: { kind: "paragraph", most: 2000, wide: true },
};
/** @type {(name: string) => Field} */
export const fieldOf = (name) => ({ kind: "text", ...FIELDS[name] });
/**
 * The choices of the one field that has some. Trainings have one type and no such field.
 * @param {string} name
 */
export const optionsOf = (name) => (name === "contractType" ? catalogue.contractTypes.housekeeping : []);

/**
 * The groups of fields, and their names, for what is written.
 * @param {string} mode
 * @param {boolean} training
 * @returns {[group: string, names: string[]][]}
 */
export function groupsOf(mode, training) {
  if (mode === "changeWorker") {
    return [["worker", PERSON("worker")],
      ["service", ["startDate", "workerSalary", "customerServiceFee", "workerServiceFee"]], ["more", ["remarks"]]];
  }
  if (mode === "renew") {
    return [["service", ["startDate", "endDate", "workerSalary", "customerServiceFee", "workerServiceFee"]],
      ["more", ["remarks"]]];
  }
  if (training) return [["student", PERSON("customer")], ["course", COURSE], ["more", ["remarks"]]];
  return [["customer", PERSON("customer")], ["worker", PERSON("worker")], ["service", SERVICE], ["more", ["remarks"]]];
}
/** @param {[string, string[]][]} groups */
export const namesOf = (groups) => groups.flatMap(([, names]) => names);

/**
 * Whether even a draft needs the field, in the category that has it.
 * @param {string} name
 */
export const isNeeded = (name) => Object.values(catalogue.requiredFields).some((names) => names.includes(name));

/**
 * @param {any} contract
 * @param {string} name
 */
export function textOf(contract, name) {
  const value = contract?.[name];
  return Array.isArray(value) ? value.join("、") : value == null ? "" : String(value);
}

const PHONE = /^(\+?86)?1[3-9]\d{9}$/;
const CARD = /^[1-9]\d{16}[0-9X]$/;
const MONEY = /^\d{1,13}(\.\d{1,2})?$/;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/** @param {string} text */
const isMasked = (text) => text.includes("****");

/** @param {string} text */
function isCard(text) {
  const card = text.toUpperCase();
  if (!CARD.test(card)) return false;
  const born = `${card.slice(6, 10)}-${card.slice(10, 12)}-${card.slice(12, 14)}`;
  if (!isDay(born) || born < "1900" || born > today()) return false;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(card[place]), 0);
  return "10X98765432"[sum % 11] === card[17];
}

/** @type {Record<string, (text: string) => boolean>} */
const CHECKS = {
  phone: (text) => PHONE.test(text.replace(/\s/g, "")),
  card: isCard,
  date: isDay,
  money: (text) => MONEY.test(text.replace(/,/g, "")),
  day: (text) => /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 31,
};

/**
 * The problem of a value, as the last part of its text's key; null when there is none.
 * @param {string} name
 * @param {Record<string, string>} values
 */
export function problemOf(name, values) {
  const text = (values[name] ?? "").trim();
  const { kind } = fieldOf(name);
  if (!text) return isNeeded(name) ? "required" : null;
  if (isMasked(text)) return null; // unchanged: the server gave it masked
  if (CHECKS[kind] && !CHECKS[kind](text)) return kind;
  if (name === "endDate" && values.startDate && text < values.startDate) return "order";
  if (name === "workerIdCard" && text === values.customerIdCard) return "sameCard";
  return null;
}

/**
 * The value as the server takes it; null when the field is empty.
 * @param {string} name
 * @param {string} text
 */
export function wireValueOf(name, text) {
  const value = text.trim();
  if (!value) return null;
  switch (fieldOf(name).kind) {
    case "money": return Number(value.replace(/,/g, ""));
    case "day": return Number(value);
    case "list": return value.split(/[、,，;；]/).map((part) => part.trim()).filter(Boolean);
    default: return value;
  }
}
