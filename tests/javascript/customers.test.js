// Pages of customers: what the address asks, the form's values, effects of pushes, obstacles of a claim, the board.
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../http_api/dashboard/lib/catalogue.js";
import { boardOf, cardsIn, withCard, withMore } from "../../http_api/dashboard/pages/customers/board/cards.js";
import { effectOn } from "../../http_api/dashboard/pages/customers/effects.js";
import { changesOf, problemOf } from "../../http_api/dashboard/pages/customers/form/fields.js";
import { withMove } from "../../http_api/dashboard/lib/rows.js";
import { capacityObstacle, claimObstacle } from "../../http_api/dashboard/pages/customers/pool/obstacles.js";
import { areEqual, differences, sentOf } from "../../http_api/dashboard/pages/dictionaries/entries.js";
import { filtersOf, hasFilters, listQuery, shows, sortOf, validQuery } from "../../http_api/dashboard/pages/customers/query.js";

Object.assign(catalogue, { customerStages: ["待定", "匹配中", "流失客户"], leadLevels: ["A类"], followUpStatuses: ["已跟进"],
  reclaimHours: 24 });
const HOUR = 3_600_000;

test("what the filters do not offer is dropped from a link, values of dictionaries are kept", () => {
  const query = { view: "map", contractStatus: "待定", leadLevel: "Z类", leadSource: "已停用的来源", createdFrom: "x",
    assignedTo: "me", search: "wf" };

  assert.deepEqual(validQuery(query), { contractStatus: "待定", leadSource: "已停用的来源", search: "wf" });
});

test("the board has no filter by stage, and the pool none by owner", () => {
  const query = { contractStatus: "待定", assignedTo: "6".repeat(24), search: "王" };

  assert.deepEqual(filtersOf({ ...query, view: "board" }), { assignedTo: query.assignedTo, search: "王" });
  assert.deepEqual(filtersOf({ ...query, view: "pool" }), { contractStatus: "待定", search: "王" });
  assert.ok(!hasFilters({ view: "board", contractStatus: "待定" }));
});

test("a saved view is shown when the address has its filters and no others", () => {
  const filters = { leadLevel: "A类", sortBy: "updatedAt" };

  assert.ok(shows({ leadLevel: "A类", page: "2", customer: "x" }, filters));
  assert.ok(!shows({ leadLevel: "A类", search: "王" }, filters));
  assert.ok(!shows({}, filters));
});

test("each view has its own orders, the newest first", () => {
  assert.deepEqual(["list", "board", "pool"].map((view) => sortOf({ view })),
    ["-createdAt", "-lastActivityAt", "-publicPoolEntryTime"]);
  assert.equal(sortOf({ view: "pool", sort: "assignedAt" }), "-publicPoolEntryTime");
  assert.deepEqual(listQuery({ sort: "updatedAt", page: "2" }),
    { page: 2, pageSize: 20, sortBy: "updatedAt", sortOrder: "asc" });
});

test("a name and one way to reach the customer are needed, and masked numbers are unchanged", () => {
  assert.equal(problemOf("name", {}), "required");
  assert.equal(problemOf("phone", {}), "contact");
  assert.equal(problemOf("phone", { wechatId: "wx_home" }), null);
  assert.equal(problemOf("phone", { phone: "138****8000" }), null);
  assert.equal(problemOf("phone", { phone: "1380013800" }), "phone");
  assert.equal(problemOf("familySize", { familySize: "三口" }), "number");
});

test("an edit sends what was changed, an emptied field as null", () => {
  const base = { name: "王芳", phone: "138****8000", salaryBudget: 8000, remarks: "急", area: null };
  const values = { name: "王芳", phone: "138****8000", salaryBudget: "9000", remarks: "", area: "" };

  assert.deepEqual(changesOf(values, base), { salaryBudget: 9000, remarks: null });
  assert.deepEqual(changesOf({ name: " 李敏 ", dealAmount: "1,200.5" }, undefined), { name: "李敏", dealAmount: 1200.5 });
});

test("a push concerns a list by where the customer is now", () => {
  const push = { change: "claimed", inPublicPool: false, version: 5 };

  assert.equal(effectOn(push, { version: 4 }, true), "left");
  assert.equal(effectOn(push, { version: 4 }, false), "changed");
  assert.equal(effectOn(push, { version: 5 }, true), null, "the reader's own change");
  assert.equal(effectOn(push, undefined, false), "new");
  assert.equal(effectOn(push, undefined, true), null);
  assert.equal(effectOn({ ...push, change: "released", inPublicPool: true }, undefined, true), "new");
  assert.equal(effectOn({ ...push, change: "updated" }, undefined, false), null);
  assert.equal(effectOn({ ...push, change: "deleted" }, { version: 4 }, true), "deleted");
});

test("why a customer cannot be claimed is known before the click", () => {
  const now = Date.parse("2026-05-03T08:00:00Z");
  const customer = { actions: ["claim"], isFrozen: false, releasedBy: null, releasedAt: null };
  const capacity = { held: 49, cap: 50, claimedToday: 3, dailyCap: 20, free: 1 };
  const released = { ...customer, releasedBy: "me", releasedAt: "2026-05-02T09:00:00Z" };

  assert.equal(claimObstacle(customer, capacity, "me", now), null);
  assert.equal(claimObstacle(customer, null, "me", now), null, "caps that are not known yet do not forbid");
  assert.equal(claimObstacle({ ...customer, isFrozen: true }, capacity, "me", now).reason, "frozen");
  assert.equal(claimObstacle({ ...customer, actions: [] }, capacity, "me", now).reason, "notAllowed");
  assert.deepEqual(claimObstacle(released, capacity, "me", now), { reason: "released", until: now + HOUR });
  assert.equal(claimObstacle(released, capacity, "me", now + HOUR), null);
  assert.equal(claimObstacle(released, capacity, "you", now), null);
  assert.equal(claimObstacle(customer, { ...capacity, held: 50 }, "me", now).reason, "held");
  assert.equal(claimObstacle(customer, { ...capacity, claimedToday: 20 }, "me", now).reason, "daily");
  assert.equal(capacityObstacle(capacity, 2).reason, "held");
});

test("a moved card is at the top of its new column, and the counts follow", () => {
  const card = (id, contractStatus) => ({ id, contractStatus });
  const board = boardOf(["待定", "匹配中"],
    [{ list: [card("a", "待定"), card("b", "待定")], total: 5 }, { list: [card("c", "匹配中")], total: 1 }]);
  const ids = (shown, stage) => cardsIn(shown, stage).map(({ id }) => id);

  const moved = withCard(board, card("b", "匹配中"));
  assert.deepEqual([ids(moved, "待定"), ids(moved, "匹配中")], [["a"], ["b", "c"]]);
  assert.equal(cardsIn(moved, "待定").length + moved.unread["待定"], 4);

  const again = withCard(moved, { ...card("c", "匹配中"), name: "new" });
  assert.deepEqual(ids(again, "匹配中"), ["b", "c"], "a change within the column moves nothing");

  const more = withMore(moved, "待定", { list: [card("a", "待定"), card("d", "待定")], total: 4, page: 2 });
  assert.deepEqual([ids(more, "待定"), more.unread["待定"], more.pages["待定"]], [["a", "d"], 2, 2]);
});

test("entries of a dictionary are moved, retired and compared", () => {
  const entry = (value, more = {}) => ({ value, labelEn: "", retired: false, ...more });
  const entries = [entry("美团"), entry("抖音")];

  assert.deepEqual(withMove(entries, 1, -1).map(({ value }) => value), ["抖音", "美团"]);
  assert.equal(withMove(entries, 0, -1), entries);
  assert.ok(areEqual(entries, [entry("美团 "), entry("抖音")]));
  assert.deepEqual(differences(entries, [entry("美团", { retired: true }), entry("官网")]),
    [{ value: "美团", change: "edited" }, { value: "抖音", change: "removed" }, { value: "官网", change: "added" }]);
  assert.deepEqual(sentOf([...entries, entry(" ", { isNew: true }), entry("地推", { isNew: true })]).at(-1), entry("地推"));
});
