// Numbers and times as people read them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytes, clockTime, duration, endOfDay, instantOf, money, number, percent, relative, shortDateTime, signedPercent,
  startOfDay, toTheMinute,
} from "../../http_api/dashboard/lib/format.js";
import { language } from "../../http_api/dashboard/lib/i18n.js";

const NOW = Date.parse("2026-05-01T08:00:00Z");
const ago = (seconds) => new Date(NOW - seconds * 1000).toISOString();

test("Chinese times have a space between figures and words", () => {
  language.set("zh-CN");
  assert.equal(relative(ago(48), NOW), "48 秒前");
  assert.equal(relative(ago(180), NOW), "3 分钟前");
  assert.equal(relative(ago(2 * 86_400), NOW), "前天");
  assert.equal(relative(ago(5 * 86_400), NOW), "5 天前");
  assert.equal(duration(ago(7_500), NOW), "2 小时 5 分钟");
});

test("English times are whole words", () => {
  language.set("en");
  assert.equal(relative(ago(48), NOW), "48 seconds ago");
  assert.equal(duration(ago(7_500), NOW), "2 hr 5 min");
  language.set("zh-CN");
});

test("amounts show fen only where there are some", () => {
  assert.equal(money(8800), "¥8,800");
  assert.equal(money(8800.5), "¥8,800.50");
  assert.equal(money(null), "—");
});

test("figures, shares and changes", () => {
  assert.equal(number(12345), "12,345");
  assert.equal(percent(0.1234), "12.3%");
  assert.equal(signedPercent(12.3), "+12.3%");
  assert.equal(signedPercent(undefined), "—");
});

test("sizes have the unit that leaves two or three figures", () => {
  assert.equal(bytes(0), "0 B");
  assert.equal(bytes(1536), "1.5 kB");
  assert.equal(bytes(300 * 1024 ** 2), "300 MB");
  assert.equal(bytes(1.25 * 1024 ** 4), "1.3 TB");
});

test("days are those of the agency's time zone", () => {
  assert.equal(startOfDay("2026-05-01"), "2026-04-30T16:00:00.000Z");
  assert.equal(endOfDay("2026-05-01"), "2026-05-01T15:59:59.999Z");
  assert.equal(shortDateTime("2020-12-31T17:00:00Z"), "2021-01-01");
  assert.equal(toTheMinute("2020-12-31T17:00:59Z"), "2021-01-01 01:00");
  assert.equal(instantOf("2021-01-01T01:00", 60_000), "2020-12-31T17:01:00.000Z");
});

test("a length of time as a clock shows it", () => {
  assert.equal(clockTime(62_000), "01:02");
  assert.equal(clockTime(3_723_000), "1:02:03");
  assert.equal(clockTime(-5), "00:00");
});
