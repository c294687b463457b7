// Texts: places to fill in, one and many, values without a text, places in the reader's language.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { language, preferredLanguage, setLanguage, t, textOr } from "../../http_api/dashboard/lib/i18n.js";
import { regionText } from "../../http_api/dashboard/lib/places.js";

const TEXTS = {
  "zh-CN": { "users.count": "{n} 位用户", "role.admin": "系统管理员" },
  en: {
    "users.count": "{n} users", "users.count.one": "{n} user", "role.admin": "Administrator", "place.广东": "Guangdong",
    "place.深圳": "Shenzhen", "place.北京": "Beijing",
  },
};
const before = { fetch: globalThis.fetch, document: globalThis.document };

beforeEach(() => {
  globalThis.fetch = async (url) => ({ json: async () => TEXTS[/texts\/(.*)\.json/.exec(String(url))[1]] });
  globalThis.document = { documentElement: {} };
});
afterEach(() => Object.assign(globalThis, before));

test("a text is in the chosen language, with its values", async () => {
  await setLanguage("zh-CN");
  assert.equal(t("users.count", { n: 3 }), "3 位用户");

  await setLanguage("en");
  assert.equal(language.get(), "en");
  assert.equal(globalThis.document.documentElement.lang, "en");
  assert.equal(t("users.count", { n: "1,204" }), "1,204 users");
});

test("one has a text of its own, where there is one", async () => {
  await setLanguage("en");
  assert.equal(t("users.count", { n: 1 }), "1 user");
  await setLanguage("zh-CN");
  assert.equal(t("users.count", { n: 1 }), "1 位用户");
});

test("a key without a text is shown itself, a value without a text as the server calls it", async () => {
  await setLanguage("en");
  assert.equal(t("users.missing"), "users.missing");
  assert.equal(textOr("role", "admin"), "Administrator");
  assert.equal(textOr("role", "janitor"), "janitor");
});

test("a region is in one language", async () => {
  await setLanguage("zh-CN");
  assert.equal(regionText("广东", "深圳"), "广东 深圳");
  await setLanguage("en");
  assert.equal(regionText("广东", "深圳"), "Shenzhen, Guangdong");
  assert.equal(regionText("北京", "北京"), "Beijing");
  assert.equal(regionText(null, ""), "");
});

test("the first language is the first of the browser's that there is", () => {
  assert.equal(preferredLanguage(["en-US", "zh-CN"]), "en");
  assert.equal(preferredLanguage(["fr-FR", "zh-TW", "en"]), "zh-CN");
  assert.equal(preferredLanguage(["de"]), "zh-CN");
  assert.equal(preferredLanguage([]), "zh-CN");
});
