// What the forms of the pool rules and of the transfer rules send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../http_api/dashboard/lib/catalogue.js";
import * as pool from "../../http_api/dashboard/pages/customer-rules/pool/draft.js";
import * as transfer from "../../http_api/dashboard/pages/customer-rules/transfer/draft.js";

const POOL = { enabled: true, keepLimit: 2, updatedBy: null, updatedAt: null, version: 0,
  rules: [{ leadLevel: null, leadSource: "", days: 7 }, { leadLevel: null, leadSource: "美团", days: null }] };

test("pool rules are sent as they were read, without days where customers do not fall", () => {
  const { enabled, keepLimit, rules } = POOL;

  assert.deepEqual(pool.sentOf(pool.draftOf(POOL)), { enabled, keepLimit, rules });
});

test("days of a pool rule are whole, from one to a year, or none", () => {
  const valid = ["", "1", "365"].concat("0", "366", "1.5", "-1").filter((days) =>
    pool.isValid({ enabled: true, keepLimit: "2", rows: [{ leadLevel: "", leadSource: "", days }] }));

  assert.deepEqual(valid, ["", "1", "365"]);
});

test("a transfer rule needs a name, stages, and people on both sides", () => {
  catalogue.customerStages = ["待定", "匹配中", "已面试"];
  const named = { ...transfer.draftOf(null), ruleName: "轮转" };
  const whole = { ...named, sourceUserIds: ["1"], targetUserIds: ["2"] };

  assert.deepEqual(named.contractStatuses, ["待定", "匹配中"]);
  assert.ok(!transfer.isValid(named));
  assert.ok(transfer.isValid(whole));
  assert.ok(!transfer.isValid({ ...whole, contractStatuses: [] }));
  assert.ok(!transfer.isValid({ ...whole, inactiveHours: "0" }));
});
