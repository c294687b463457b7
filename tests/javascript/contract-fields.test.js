// The fields of a contract's form: how values are checked and sent.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { catalogue } from "../../http_api/dashboard/lib/catalogue.js";
import {
  groupsOf, namesOf, problemOf, textOf, wireValueOf,
} from "../../http_api/dashboard/pages/contracts/form/fields.js";

beforeEach(() => {
  catalogue.requiredFields = { housekeeping: ["customerName", "customerPhone", "workerName"], training: ["customerName"] };
});

test("a required field must not be empty", () => {
  assert.equal(problemOf("customerName", { customerName: "  " }), "required");
  assert.equal(problemOf("customerAddress", {}), null);
});

test("phones are mainland mobile numbers", () => {
  for (const good of ["13800000001", "+8613800000001", "138 0000 0001"]) {
    assert.equal(problemOf("customerPhone", { customerPhone: good }), null, good);
  }
  for (const bad of ["1380000000", "23800000001", "电话"]) {
    assert.equal(problemOf("customerPhone", { customerPhone: bad }), "phone", bad);
  }
});

/**
 * A number with this birthday and a right check digit.
 * @param {string} birthday
 */
function cardOf(birthday) {
  const body = `110101${birthday}001`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, place) => total + weight * Number(body[place]), 0);
  return body + "10X98765432"[sum % 11];
}

test("identity cards have a right check digit and differ between the parties", () => {
  assert.equal(problemOf("customerIdCard", { customerIdCard: "110101199003070011" }), null);
  assert.equal(problemOf("customerIdCard", { customerIdCard: "110101199003070012" }), "card");
  assert.equal(problemOf("customerIdCard", { customerIdCard: cardOf("19900230") }), "card");
  assert.equal(problemOf("customerIdCard", { customerIdCard: cardOf("29900307") }), "card");
  const both = { customerIdCard: "110101199003070011", workerIdCard: "110101199003070011" };
  assert.equal(problemOf("workerIdCard", both), "sameCard");
});

test("a masked value that the server gave is left alone", () => {
  assert.equal(problemOf("customerPhone", { customerPhone: "138****0001" }), null);
});

test("amounts have two decimals at most, days are of a month, the end is not before the start", () => {
  assert.equal(problemOf("workerSalary", { workerSalary: "8,800.50" }), null);
  assert.equal(problemOf("workerSalary", { workerSalary: "8800.505" }), "money");
  assert.equal(problemOf("salaryPaymentDay", { salaryPaymentDay: "32" }), "day");
  assert.equal(problemOf("endDate", { startDate: "2026-05-02", endDate: "2026-05-01" }), "order");
});

test("values are sent as what they are", () => {
  assert.equal(wireValueOf("workerSalary", " 8,800.5 "), 8800.5);
  assert.equal(wireValueOf("monthlyWorkDays", "26"), 26);
  assert.deepEqual(wireValueOf("intendedCourses", "早教、 月嫂;护理"), ["早教", "月嫂", "护理"]);
  assert.equal(wireValueOf("remarks", "  "), null);
  assert.equal(wireValueOf("customerName", " 王芳 "), "王芳");
});

test("a form shows what the contract has", () => {
  assert.equal(textOf({ intendedCourses: ["早教", "护理"] }, "intendedCourses"), "早教、护理");
  assert.equal(textOf({ workerSalary: 8800 }, "workerSalary"), "8800");
  assert.equal(textOf(undefined, "workerSalary"), "");
});

test("a renewal asks for neither party, a training for no worker", () => {
  assert.ok(!namesOf(groupsOf("renew", false)).some((name) => /^(customer|worker)(Name|Phone|IdCard)/.test(name)));
  assert.ok(!namesOf(groupsOf("create", true)).some((name) => name.startsWith("worker")));
});
