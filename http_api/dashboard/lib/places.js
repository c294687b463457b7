// Provinces and cities in the reader's language.
import { language, textOr } from "./i18n.js";

/**
 * A province or a city; names that the server does not know stay as they are.
 * @param {string} name
 */
export const placeText = (name) => textOr("place", name);

/**
 * Province and city in one text; empty when neither is known.
 * @param {string | null | undefined} province
 * @param {string | null | undefined} city
 */
export function regionText(province, city) {
  const names = [province, city !== province && city].flatMap((name) => (name ? [placeText(name)] : []));
  return language.get() === "en" ? names.reverse().join(", ") : names.join(" ");
}
