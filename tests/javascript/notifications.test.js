// Notifications: their groups, what pushes change, and what the address asks.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  afterRead, asksForAction, badgeText, createNewsFilter, groupsOf, newsOf, targetOf, wordsOf,
} from "../../http_api/dashboard/pages/notifications/rows.js";
import { listQuery, matches, validQuery } from "../../http_api/dashboard/pages/notifications/query.js";
import { endOfDay, startOfDay, today } from "../../http_api/dashboard/lib/format.js";

const ROW = {
  id: "n1", type: "CONTRACT_SIGNED", status: "SENT", priority: "HIGH", count: 1, createdAt: "2026-05-03T02:00:00Z",
  about: { kind: "contract", id: "c1" }, actionUrl: "#/contracts?contract=c1", title: "合同已签署", titleEn: "Signed",
  content: "客户 王", contentEn: "", actionText: "查看合同", actionTextEn: "View contract",
};
/** @param {object} more */
const row = (more = {}) => /** @type {any} */ ({ ...ROW, ...more });

test("rows are grouped by day and then by kind, each in the order of its newest row", () => {
  const rows = [
    row({ id: "a", about: { kind: "interview", id: "r1" } }), row({ id: "b" }),
    row({ id: "c", about: { kind: "interview", id: "r2" } }),
    row({ id: "d", createdAt: "2026-05-02T02:00:00Z", about: null }),
  ];

  const groups = groupsOf(rows, (instant) => instant.slice(0, 10));

  const shape = groups.map(({ day, kinds }) => [day, kinds.map(({ kind, rows: own }) => [kind, own.map(({ id }) => id)])]);
  assert.deepEqual(shape, [
    ["2026-05-03", [["interview", ["a", "c"]], ["contract", ["b"]]]], ["2026-05-02", [["other", ["d"]]]],
  ]);
});

test("read rows are those with the ids, or all up to a time; a later one stays unread", () => {
  const rows = [row({ id: "new", createdAt: "2026-05-03T02:00:01Z" }), row({ id: "old" })];
  /** @param {any} push */
  const statuses = (push) => afterRead(rows, push).map(({ status }) => status);

  assert.deepEqual(statuses({ ids: ["new"], before: null }), ["READ", "SENT"]);
  assert.deepEqual(statuses({ ids: [], before: "2026-05-03T02:00:00.000Z" }), ["SENT", "READ"]);
  assert.deepEqual(statuses({ ids: [], before: null }), ["READ", "READ"]);
});

test("a repeated push is no news, a merged row is, and one that is older than the list is on another page", () => {
  assert.equal(newsOf([row()], row()), "known");
  assert.equal(newsOf([row()], row({ count: 2 })), "merged");
  assert.equal(newsOf([row()], row({ id: "n2", createdAt: "2026-05-03T02:00:01Z" })), "new");
  assert.equal(newsOf([row()], row({ id: "n0", createdAt: "2026-05-03T01:59:59Z" })), "known");
  assert.equal(newsOf([], row()), "new");
});

test("the same fact is announced once, more facts again, and only the last rows are remembered", () => {
  const isNews = createNewsFilter(2);

  assert.deepEqual([row(), row(), row({ count: 2 }), row({ count: 1 })].map(isNews), [true, false, true, false]);
  ["x", "y"].forEach((id) => isNews(row({ id })));
  assert.equal(isNews(row({ count: 2 })), true);
});

test("a link leads to a page of the dashboard, or nowhere", () => {
  assert.deepEqual(targetOf(row()), { page: "contracts", query: { contract: "c1" } });
  assert.deepEqual(targetOf(row({ actionUrl: "#/overview" })), { page: "overview", query: {} });
  assert.deepEqual(targetOf(row({ actionUrl: "/contracts/1" })), targetOf(row()), "an address of the former system");
  assert.equal(targetOf(row({ actionUrl: "/contracts/1", about: null })), null);
  for (const actionUrl of ["", "//evil", "https://example.com/#/x", "javascript:alert(1)", "#//evil"]) {
    assert.equal(targetOf(row({ actionUrl })), null, actionUrl);
  }
});

test("an unread one of high priority asks for action when it leads somewhere", () => {
  assert.ok(asksForAction(row()));
  for (const less of [{ priority: "MEDIUM" }, { status: "READ" }, { actionUrl: "" }]) {
    assert.ok(!asksForAction(row(less)));
  }
});

test("English falls back to Chinese, and large numbers are cut in the badge", () => {
  assert.deepEqual(wordsOf(row(), "en"), { title: "Signed", content: "客户 王", action: "View contract" });
  assert.equal(wordsOf(row(), "zh-CN").title, "合同已签署");
  assert.deepEqual([1, 99, 100].map(badgeText), ["1", "99", "99+"]);
});

test("the address asks for a period in days of the agency, and unknown values are dropped", () => {
  const query = validQuery({ period: "today", kind: "contract", status: "gone", type: "CONTRACT_SIGNED" });

  const { since, status, kind } = listQuery(query);
  assert.deepEqual([status, kind], [undefined, "contract"]);
  assert.equal(since, startOfDay(today()));
  const week = Date.parse(endOfDay(today())) + 1 - Date.parse(String(listQuery({ period: "week" }).since));
  assert.equal(week, 7 * 86_400_000);
  assert.equal(listQuery({}).since, undefined);
});

test("a new row is listed when it fits the filters; what has just come is not read", () => {
  assert.ok(matches(row(), { kind: "contract", type: "CONTRACT_SIGNED", status: "unread" }));
  for (const other of [{ kind: "interview" }, { type: "X" }, { status: "read" }]) assert.ok(!matches(row(), other));
});
