// Which pushed cards belong to a filtered view, and how filters are asked of the server.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { catalogue } from "../../http_api/dashboard/lib/catalogue.js";
import { moved } from "../../http_api/dashboard/lib/days.js";
import { today } from "../../http_api/dashboard/lib/format.js";
import { filtersOf, hasFilters, matches, validQuery } from "../../http_api/dashboard/pages/contracts/query.js";

const CARD = {
  id: "1", contractStatus: "active", orderCategory: "housekeeping", contractType: "月嫂", ownerId: "li", customerName: "王芳",
  workerName: "赵阿姨", contractNumber: "CON123", endDate: moved(today(), { days: 10 }), isDeleted: false,
};

beforeEach(() => {
  catalogue.contractTypes = { housekeeping: ["月嫂", "保洁"], training: ["职培"] };
  catalogue.endingSoonDays = 30;
});

test("without filters every card of the reader's scope belongs", () => {
  assert.ok(matches(CARD, {}, "", false));
  assert.ok(matches(CARD, {}, "li", false));
  assert.ok(!matches(CARD, {}, "wang", false));
  assert.ok(!matches({ ...CARD, isDeleted: true }, {}, "", true));
});

test("each filter is about its field", () => {
  const fitting = { category: "housekeeping", type: "月嫂", owner: "li", ending: "soon" };
  assert.ok(matches(CARD, fitting, "", false));
  for (const other of [{ category: "training" }, { type: "保洁" }, { owner: "wang" }, { ending: "expired" }]) {
    assert.ok(!matches(CARD, { ...fitting, ...other }, "", false), JSON.stringify(other));
  }
});

test("a search is about names and numbers, in any case and with spaces", () => {
  for (const search of ["王芳", "赵", "con123", " 王 芳 "]) assert.ok(matches(CARD, { search }, "", false), search);
  assert.ok(!matches(CARD, { search: "13800000001" }, "", false));
  assert.ok(matches(CARD, { search: "13800000001" }, "", true), "the server found it before, by a phone");
});

test("a contract past its last day has expired, and is not ending soon", () => {
  const over = { ...CARD, endDate: moved(today(), { days: -1 }) };
  assert.ok(matches(over, { ending: "expired" }, "", false));
  assert.ok(!matches(over, { ending: "soon" }, "", false));
  assert.ok(!matches({ ...over, contractStatus: "replaced" }, { ending: "expired" }, "", false));
});

test("values that the filters do not offer are dropped from a link", () => {
  const query = { status: "nowhere", category: "training", type: "月嫂", ending: "later", search: "王" };

  assert.deepEqual(validQuery(query), { category: "training", type: "月嫂", search: "王" });
  assert.ok(hasFilters({ search: "王" }));
  assert.ok(!hasFilters({ view: "list" }));
});

test("ending soon is asked as a day", () => {
  assert.equal(filtersOf({ ending: "soon" }).endingUntil, moved(today(), { days: 30 }));
  assert.equal(filtersOf({ ending: "expired" }).serviceExpired, true);
  assert.equal(filtersOf({}).showAll, true);
});
