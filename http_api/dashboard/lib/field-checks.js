// How typed values are checked before the server checks them. Pure functions.
import { isDay } from "./days.js";
import { today } from "./format.js";

const PHONE = /^(\+?86)?1[3-9]\d{9}$/;
const CARD = /^[1-9]\d{16}[0-9X]$/;
const MONEY = /^\d{1,13}(\.\d{1,2})?$/;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** @param {string} text */
export const isMasked = (text) => text.includes("****");


/**
 * True for a whole number in figures.
 * @param {string} text
 * @param {number} least
 * @param {number} most
 */
export const isBetween = (text, least, most) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;

/** @param {string} text */
function isCard(text) {
  const card = text.toUpperCase();
  if (!CARD.test(card)) return false;
  const born = `${card.slice(6, 10)}-${card.slice(10, 12)}-${card.slice(12, 14)}`;
  if (!isDay(born) || born < "1900" || born > today()) return false;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(card[place]), 0);
  return "10X98765432"[sum % 11] === card[17];
}

/**
 * By the kind of the field.
 * @type {Record<string, (text: string) => boolean>}
 */
export const CHECKS = {
  phone: (text) => PHONE.test(text.replace(/\s/g, "")),
  card: isCard,
  date: isDay,
  money: (text) => MONEY.test(text.replace(/,/g, "")),
  day: (text) => /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 31,
};
