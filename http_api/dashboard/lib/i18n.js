// Texts in the chosen language: Chinese unless the reader chose English.
import { createStore } from "./store.js";

/** @typedef {"zh-CN" | "en"} Language */

const KEY = "dashboard.language";
/** The server merges the texts of all areas (`texts/<area>/<language>.json`) into one file a language. */
const FILES = {
  "zh-CN": new URL("../texts/zh-CN.json", import.meta.url),
  en: new URL("../texts/en.json", import.meta.url),
};
/** @type {{ [name in Language]?: Record<string, string> }} */
const loaded = {};

export const language = createStore(/** @type {Language} */ ("zh-CN"));

/** @returns {Language} */
function remembered() {
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "zh-CN";
  } catch {
    return "zh-CN";
  }
}

/** @param {Language} name */
async function load(name) {
  loaded[name] ??= await (await fetch(FILES[name])).json();
}

export async function startLanguage() {
  await setLanguage(remembered());
}

/** @param {Language} name */
export async function setLanguage(name) {
  await load(name);
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Not remembered; the choice holds until the page is closed.
  }
  document.documentElement.lang = name;
  language.set(name);
  document.title = t("app.name");
}

/** @returns {Language} */
export const otherLanguage = () => (language.get() === "en" ? "zh-CN" : "en");

/**
 * The text of a key with its `{name}` places filled in; the key itself when there is no text. An `n` of 1 takes the
 * text of `<key>.one`, if there is one.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const texts = loaded[language.get()] ?? {};
  const text = (String(values.n) === "1" ? texts[`${key}.one`] : undefined) ?? texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/**
 * The text of `<group>.<value>`, or the value itself: for values that the server may know and the page does not.
 * @param {string} group
 * @param {string} value
 */
export function textOr(group, value) {
  const key = `${group}.${value}`;
  const text = t(key);
  return text === key ? value : text;
}
