// Texts in the language that the reader chose, or that the browser prefers.
import { recall, remember } from "./storage.js";
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

/** @type {Language[]} */
const LANGUAGES = ["zh-CN", "en"];

/** @returns {Language | undefined} */
const remembered = () => LANGUAGES.find((name) => name === recall(KEY));

/**
 * The first of the browser's languages that there are texts in; Chinese when there is none.
 * @param {readonly string[]} wanted
 * @returns {Language}
 */
export function preferredLanguage(wanted) {
  const found = wanted.map((tag) => LANGUAGES.find((name) => name.slice(0, 2) === tag.slice(0, 2).toLowerCase()));
  return found.find(Boolean) ?? "zh-CN";
}

/** @param {Language} name */
async function load(name) {
  loaded[name] ??= await (await fetch(FILES[name])).json();
}

export async function startLanguage() {
  await show(remembered() ?? preferredLanguage(navigator.languages));
}

/**
 * Shows the texts in another language, also at the next visit.
 * @param {Language} name
 */
export async function setLanguage(name) {
  await show(name);
  remember(KEY, name);
}

/** @param {Language} name */
async function show(name) {
  await load(name);
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
