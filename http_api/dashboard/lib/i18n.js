// Texts in the chosen language; Chinese unless the reader chose English.
import { createStore } from "./store.js";

const KEY = "dashboard.language";
/** The server merges the texts of all areas (`texts/<area>/<language>.json`) into one file a language. */
const FILES = {
  "zh-CN": new URL("../texts/zh-CN.json", import.meta.url),
  en: new URL("../texts/en.json", import.meta.url),
};
const loaded = {};

export const language = createStore("zh-CN");

function remembered() {
  try {
    const stored = localStorage.getItem(KEY);
    return stored in FILES ? stored : "zh-CN";
  } catch {
    return "zh-CN";
  }
}

async function load(name) {
  loaded[name] ??= await (await fetch(FILES[name])).json();
}

export async function startLanguage() {
  await setLanguage(remembered());
}

export async function setLanguage(name) {
  await load(name);
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Not remembered then; the choice holds until the page is closed.
  }
  document.documentElement.lang = name;
  language.set(name);
  document.title = t("app.name");
}

export const otherLanguage = () => (language.get() === "en" ? "zh-CN" : "en");

/** The text of a key with `{name}` places filled in. One `n` prefers the key with `.one` behind it. */
export function t(key, values = {}) {
  const texts = loaded[language.get()] ?? {};
  const text = (String(values.n) === "1" ? texts[`${key}.one`] : undefined) ?? texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
