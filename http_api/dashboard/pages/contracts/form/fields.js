// The fields of a contract's form: which there are, how values are checked and how they are sent.
import { catalogue } from "../../../lib/catalogue.js";
import { CHECKS, isMasked } from "../../../lib/field-checks.js";

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
 * True if even a draft needs the field, in the category that has it.
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
