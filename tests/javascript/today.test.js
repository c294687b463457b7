// Figures of the current day: the pushed ones together with those that were read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isNewer, withTodaysActivity, withTodaysGrowth } from "../../http_api/dashboard/pages/overview/today.js";

const NOW = { date: "2026-05-02", total: 110, todayRegistered: 4, todayActive: 30, version: 7, at: "2026-05-02T08:00:00Z" };

test("the version decides what is newer, then the time", () => {
  assert.ok(isNewer(NOW, null));
  assert.ok(!isNewer(null, NOW));
  assert.ok(isNewer({ ...NOW, version: 8, at: "2026-05-02T07:00:00Z" }, NOW));
  assert.ok(!isNewer({ ...NOW, version: 6, at: "2026-05-02T09:00:00Z" }, NOW));
  assert.ok(isNewer({ ...NOW, at: "2026-05-02T09:00:00Z" }, NOW));
});

test("the last day of a report has today's figures", () => {
  const trend = { days: [{ date: "2026-05-01", registered: 2 }, { date: "2026-05-02", registered: 3, cumulative: 109 }] };

  const after = withTodaysGrowth(trend, NOW);

  assert.deepEqual(after.days.at(-1), { date: "2026-05-02", registered: 4, cumulative: 110 });
  assert.equal(after.days[0], trend.days[0]);
});

test("a week and a month have at least the users of today", () => {
  const activity = { days: [{ date: "2026-05-02", dau: 10, wau: 20, mau: 90 }] };

  assert.deepEqual(withTodaysActivity(activity, NOW).days, [{ date: "2026-05-02", dau: 30, wau: 30, mau: 90 }]);
});

test("a report of another day stays as it was read", () => {
  const trend = { days: [{ date: "2026-05-01", registered: 2 }] };

  assert.equal(withTodaysGrowth(trend, NOW), trend);
  assert.equal(withTodaysGrowth(null, NOW), null);
  assert.equal(withTodaysActivity(trend, null), trend);
});
