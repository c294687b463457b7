// The fields of a customer's form: which there are, how values are checked and how they are sent. Pure.
import { CHECKS, isMasked } from "../../../lib/field-checks.js";

/** @typedef {{ kind: string, most?: number, wide?: boolean, half?: boolean }} Field */

/** @type {[group: string, names: string[]][]} */
export const GROUPS = [
  ["contact", ["name", "phone", "wechatId", "leadSource", "idCardNumber"]],
  ["demand", [
    "serviceCategory", "salaryBudget", "expectedStartDate", "expectedDeliveryDate", "serviceDays", "restSchedule",
    "address", "area", "homeArea", "familySize", "ageRequirement", "genderRequirement", "originRequirement",
    "educationRequirement",
  ]],
  ["card", [
    "needOrderType", "needSalary", "needRestTime", "needOnboardingTime", "needHouseArea", "needFamilyMembers",
    "needServiceAddress", "needWorkingHours", "needServicePeriod", "needWorkContent", "needRemarks",
  ]],
  ["more", ["dealAmount", "remarks"]],
];
export const NAMES = GROUPS.flatMap(([, names]) => names);
/** Groups that are folded until they are needed. */
export const FOLDED = new Set(["card"]);

/** @type {Record<string, Partial<Field>>} */
const FIELDS = {
  name: { most: 50 }, phone: { kind: "phone" }, wechatId: { most: 64 }, idCardNumber: { kind: "card" },
  leadSource: { kind: "choice" }, serviceCategory: { kind: "choice" }, restSchedule: { kind: "choice" },
  educationRequirement: { kind: "choice" },
  salaryBudget: { kind: "number" }, serviceDays: { kind: "number" }, homeArea: { kind: "number" },
  familySize: { kind: "number" }, expectedStartDate: { kind: "date" }, expectedDeliveryDate: { kind: "date" },
  dealAmount: { kind: "money" }, address: { wide: true, most: 200 },
  remarks: { kind: "paragraph", wide: true, most: 2000 },
  needWorkContent: { kind: "paragraph", wide: true, most: 2000 },
  needRemarks: { kind: "paragraph", wide: true, most: 2000 },
};
/** @type {(name: string) => Field} */
export const fieldOf = (name) => ({ kind: "text", most: 200, ...FIELDS[name] });

/** @param {any} customer @param {string} name */
export const textOf = (customer, name) => (customer?.[name] == null ? "" : String(customer[name]));

/**
 * The problem of a value, as the last part of its text's key; null when there is none.
 * @param {string} name
 * @param {Record<string, string>} values
 */
export function problemOf(name, values) {
  const text = (values[name] ?? "").trim();
  const { kind } = fieldOf(name);
  if (name === "name" && !text) return "required";
  if (name === "phone" && !text && !(values.wechatId ?? "").trim()) return "contact";
  if (!text || isMasked(text)) return null; // a masked one is unchanged
  if (kind === "number") return /^\d{1,9}$/.test(text) ? null : "number";
  return CHECKS[kind] && !CHECKS[kind](text) ? kind : null;
}

/**
 * The value as the server takes it; null when the field is empty.
 * @param {string} name
 * @param {string} text
 */
export function wireValueOf(name, text) {
  const value = text.trim();
  if (!value) return null;
  const { kind } = fieldOf(name);
  return kind === "number" || kind === "money" ? Number(value.replace(/,/g, "")) : value;
}

/**
 * The fields that differ from the customer that the form was filled from; of a new one, those that were filled in.
 * @param {Record<string, string>} values
 * @param {any} base
 */
export function changesOf(values, base) {
  const changed = NAMES.filter((name) => (values[name] ?? "").trim() !== textOf(base, name));
  return Object.fromEntries(changed.map((name) => [name, wireValueOf(name, values[name] ?? "")]));
}
