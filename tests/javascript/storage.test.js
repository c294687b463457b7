// What the browser keeps, also where storage is forbidden or has been tampered with.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { recall, recallJson, remember } from "../../http_api/dashboard/lib/storage.js";

const before = globalThis.localStorage;
afterEach(() => { globalThis.localStorage = before; });

test("what is kept is found again until it is removed", () => {
  const kept = new Map();
  globalThis.localStorage = /** @type {any} */ ({
    getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key),
  });
  remember("one", '{"a":1}');
  assert.deepEqual([recall("one"), recallJson("one")], ['{"a":1}', { a: 1 }]);
  remember("one", "{broken");
  assert.equal(recallJson("one"), null);
  remember("one", null);
  assert.deepEqual([recall("one", "otherwise"), recallJson("one")], [null, null]);
});

test("forbidden storage keeps nothing and stops nothing", () => {
  const forbidden = () => { throw new Error("SecurityError"); };
  globalThis.localStorage = /** @type {any} */ ({ getItem: forbidden, setItem: forbidden, removeItem: forbidden });
  remember("one", "text");
  assert.deepEqual([recall("one"), recall("one", "1"), recallJson("one")], [null, "1", null]);
});
