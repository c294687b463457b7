// Texts that people type for a day, and the weeks of a calendar.
import assert from "node:assert/strict";
import test from "node:test";
import { dayOf, isDay, moved, weekdayOf, weeksOf } from "../../http_api/dashboard/lib/days.js";

test("a day is typed in the usual ways, and what names none stays as it is", () => {
  for (const typed of ["2026-05-03", "2026-5-3", "2026/5/3", "2026.05.03", "20260503", "2026年5月3日", " 2026-5-3 "]) {
    assert.equal(dayOf(typed), "2026-05-03");
  }
  for (const typed of ["2026-02-30", "2026-13-01", "5/3", "tomorrow"]) {
    assert.equal(dayOf(typed), typed);
    assert.equal(isDay(typed), false);
  }
});

test("a month later is the same day, or the last one of a shorter month", () => {
  assert.equal(moved("2026-01-31", { months: 1 }), "2026-02-28");
  assert.equal(moved("2026-03-31", { months: -1 }), "2026-02-28");
  assert.equal(moved("2026-12-15", { months: 1 }), "2027-01-15");
  assert.equal(moved("2026-12-31", { days: 1 }), "2027-01-01");
  assert.equal(moved("2026-02-27", { days: 2 }), "2026-03-01");
});

test("the weeks of a month begin on Monday and have all of its days", () => {
  const weeks = weeksOf("2026-02-14");
  assert.deepEqual([weeks[0][0], weeks.at(-1)?.[6]], ["2026-01-26", "2026-03-01"]);
  assert.equal(weekdayOf("2026-02-02"), 0);
  assert.equal(weeksOf("2026-12-01").flat().filter((day) => day.startsWith("2026-12")).length, 31);
});
