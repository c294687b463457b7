// Keys in a list of options.
import assert from "node:assert/strict";
import test from "node:test";
import { movedBy, typedAhead } from "../../http_api/dashboard/lib/option-keys.js";

const CITIES = ["Anhui", "Beijing", "Baoding", "Chengdu"];

test("a key moves within the list and not beyond its ends", () => {
  assert.equal(movedBy("ArrowDown", 2, 4), 3);
  assert.equal(movedBy("ArrowDown", 3, 4), 3);
  assert.equal(movedBy("ArrowUp", 0, 4), 0);
  assert.equal(movedBy("PageDown", 1, 40), 11);
  assert.equal(movedBy("PageUp", 5, 40), 0);
  assert.equal(movedBy("Home", 3, 4), 0);
  assert.equal(movedBy("End", 0, 4), 3);
  assert.equal(movedBy("Shift", 1, 4), null);
});

test("a repeated letter goes from one option to the next", () => {
  assert.equal(typedAhead(CITIES, "b", 0), 1);
  assert.equal(typedAhead(CITIES, "bb", 1), 2);
  assert.equal(typedAhead(CITIES, "bbb", 2), 1);
});

test("several letters find the option that begins with them", () => {
  assert.equal(typedAhead(CITIES, "BA", 1), 2);
  assert.equal(typedAhead(CITIES, "che", 3), 3);
  assert.equal(typedAhead(CITIES, "x", 0), null);
  assert.equal(typedAhead(["北京", "上海"], "上", 0), 1);
});
