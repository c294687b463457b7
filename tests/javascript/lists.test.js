// Paging and queries of lists.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isPastTheEnd, pageOf, pageSizeOf, pageWindow } from "../../http_api/dashboard/lib/paging.js";
import { queryText, withoutUnknown } from "../../http_api/dashboard/lib/query.js";
import { catalogue } from "../../http_api/dashboard/lib/catalogue.js";
import { filtersOf, validQuery } from "../../http_api/dashboard/pages/users/query.js";

test("an address that names no page, or none that can be, means the first", () => {
  assert.deepEqual(["3", undefined, "0", "-1", "x", "1e9"].map((page) => pageOf({ page })), [3, 1, 1, 1, 1, 1]);
  assert.deepEqual(["50", undefined, "7"].map((pageSize) => pageSizeOf({ pageSize })), [50, 20, 20]);
});

test("the first, the last and the pages around are shown", () => {
  assert.deepEqual(pageWindow(1, 1), [1]);
  assert.deepEqual(pageWindow(1, 20), [1, 2, 3, 4, null, 20]);
  assert.deepEqual(pageWindow(10, 20), [1, null, 9, 10, 11, null, 20]);
  assert.deepEqual(pageWindow(20, 20), [1, null, 17, 18, 19, 20]);
});

test("a page without rows behind the first one is past the end", () => {
  const read = { data: { total: 3 }, error: null, stale: false };
  assert.ok(isPastTheEnd(read, 2, []));
  assert.ok(!isPastTheEnd(read, 1, []));
  assert.ok(!isPastTheEnd({ ...read, stale: true }, 2, []));
  assert.ok(isPastTheEnd({ data: null, error: { code: "PAGE_TOO_DEEP" }, stale: false }, 9999, undefined));
});

test("empty values stay out of a query", () => {
  assert.equal(queryText({ a: "x y", b: "", c: null, d: undefined, e: 0, f: false }), "?a=x+y&e=0&f=false");
  assert.equal(queryText({ a: "" }), "");
  assert.deepEqual(withoutUnknown({ a: "1", b: "2" }, { a: ["2"] }), { b: "2" });
});

test("days of the user list become instants, and what is no day is dropped", () => {
  catalogue.provinces = ["广东"];
  const query = validQuery({ createdFrom: "2026-05-01", createdTo: "x", status: "zzz", search: "王", province: "火星" });

  assert.deepEqual(query, { createdFrom: "2026-05-01", search: "王" });
  assert.deepEqual(filtersOf(query), { createdFrom: "2026-04-30T16:00:00.000Z", search: "王" });
});
