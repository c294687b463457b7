// The fields of a contract's form: which there are, what is wrong with a value, and how values are sent.
import { catalogue } from "../../../lib/catalogue.js";

const PERSON = (who) => [`${who}Name`, `${who}Phone`, `${who}IdCard`, `${who}Address`];
const SERVICE = [
  "contractType", "startDate", "endDate", "workerSalary", "customerServiceFee", "workerServiceFee", "deposit",
  "finalPayment", "salaryPaymentDay", "monthlyWorkDays", "expectedDeliveryDate",
];
const COURSE = ["intendedCourses", "courseAmount", "serviceFeeAmount", "consultPosition"];

const KINDS = {
  contractType: { kind: "choice" },
  customerName: { most: 50 }, customerPhone: { kind: "phone" }, customerIdCard: { kind: "card" },
  customerAddress: { most: 200 },
  workerName: { most: 50 }, workerPhone: { kind: "phone" }, workerIdCard: { kind: "card" },
  workerAddress: { most: 200 },
  startDate: { kind: "date" }, endDate: { kind: "date" }, expectedDeliveryDate: { kind: "date" },
  workerSalary: { kind: "money" }, customerServiceFee: { kind: "money" }, workerServiceFee: { kind: "money" },
  deposit: { kind: "money" }, finalPayment: { kind: "money" }, courseAmount: { kind: "money" },
  serviceFeeAmount: { kind: "money" }, salaryPaymentDay: { kind: "day" }, monthlyWorkDays: { kind: "day" },
  intendedCourses: { kind: "list", wide: true, most: 500 }, consultPosition: { most: 50 },
  remarks: { kind: "paragraph", most: 2000, wide: true },
};
export const fieldOf = (name) => ({ kind: "text", ...KINDS[name] });
/** The choices of the one field that has some; trainings have one type and no such field. */
export const optionsOf = (name) => (name === "contractType" ? catalogue.contractTypes.housekeeping : []);

/** Groups of fields for what is being written. */
export function groupsOf(mode, training) {
  if (mode === "changeWorker") {
    return [["worker", PERSON("worker")],
      ["service", ["startDate", "workerSalary", "customerServiceFee", "workerServiceFee"]], ["more", ["remarks"]]];
  }
  if (mode === "renew") {
    return [["service", ["endDate", "workerSalary", "customerServiceFee", "workerServiceFee"]], ["more", ["remarks"]]];
  }
  if (training) return [["student", PERSON("customer")], ["course", COURSE], ["more", ["remarks"]]];
  return [["customer", PERSON("customer")], ["worker", PERSON("worker")], ["service", SERVICE], ["more", ["remarks"]]];
}
export const namesOf = (groups) => groups.flatMap(([, names]) => names);

/** Without these it is not even a draft. Each category has fields of its own, so their names tell them apart. */
export const isNeeded = (name) => Object.values(catalogue.requiredFields).some((names) => names.includes(name));

export function textOf(contract, name) {
  const value = contract?.[name];
  return Array.isArray(value) ? value.join("、") : value == null ? "" : String(value);
}

const PHONE = /^(\+?86)?1[3-9]\d{9}$/;
const CARD = /^[1-9]\d{16}[0-9X]$/;
const MONEY = /^\d{1,13}(\.\d{1,2})?$/;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const isMasked = (text) => text.includes("****");

function isCard(text) {
  const card = text.toUpperCase();
  if (!CARD.test(card)) return false;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(card[place]), 0);
  return "10X98765432"[sum % 11] === card[17];
}

const CHECKS = {
  phone: (text) => PHONE.test(text.replace(/\s/g, "")),
  card: isCard,
  money: (text) => MONEY.test(text.replace(/,/g, "")),
  day: (text) => /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 31,
};

/** What is wrong with a value, as the key of a text's last part; null when nothing is. */
export function problemOf(name, values) {
  const text = (values[name] ?? "").trim();
  const { kind } = fieldOf(name);
  if (!text) return isNeeded(name) ? "required" : null;
  if (isMasked(text)) return null; // as it was shown: it is left alone
  if (CHECKS[kind] && !CHECKS[kind](text)) return kind;
  if (name === "endDate" && values.startDate && text < values.startDate) return "order";
  if (name === "workerIdCard" && text === values.customerIdCard) return "sameCard";
  return null;
}

export function sentOf(name, text) {
  const value = text.trim();
  if (!value) return null;
  switch (fieldOf(name).kind) {
    case "money": return Number(value.replace(/,/g, ""));
    case "day": return Number(value);
    case "list": return value.split(/[、,，;；]/).map((part) => part.trim()).filter(Boolean);
    default: return value;
  }
}
