// Addresses of records: links of timelines and notifications lead where the search of all areas leads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../../http_api/dashboard/lib/records.js";
import { pages } from "../../http_api/dashboard/pages/index.js";

test("a record is opened by the query that its page reads", () => {
  for (const kind of ["contract", "customer", "interview", "miniprogram-user"]) {
    const place = placeOf(kind, "x1");
    const page = pages.find(({ name }) => name === place?.page);
    assert.deepEqual(place?.query, page?.found?.open("x1"));
  }
  assert.deepEqual(placeOf("interview", "r1"), { page: "interviews", query: { room: "r1" } });
  assert.equal(placeOf("role", "x1"), null);
});
