// Days as texts (`2026-05-03`), and what people type for one. Pure functions.

const TYPED = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/;
const DIGITS = /^(\d{4})(\d{2})(\d{2})$/;

/** @param {string} text */
export const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text)
  && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;

/**
 * The day that was typed, in one of the usual ways; the text itself when it names none.
 * @param {string} typed
 */
export function dayOf(typed) {
  const text = typed.normalize("NFKC").trim();
  const [, year, month, day] = TYPED.exec(text) ?? DIGITS.exec(text) ?? [];
  const found = year ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : "";
  return isDay(found) ? found : text;
}

/**
 * @param {string} day
 * @param {{ days?: number, months?: number }} distance in months, the last day of a shorter one
 */
export function moved(day, { days = 0, months = 0 }) {
  const date = new Date(`${day}T00:00:00Z`);
  if (months) {
    const wanted = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + months);
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    date.setUTCDate(Math.min(wanted, last));
  }
  date.setUTCDate(date.getUTCDate() + days);
  return date.toJSON().slice(0, 10);
}

/** Monday is 0. @param {string} day */
export const weekdayOf = (day) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/**
 * The weeks that have a day of this month, from Monday to Sunday.
 * @param {string} day
 * @returns {string[][]}
 */
export function weeksOf(day) {
  const first = `${day.slice(0, 8)}01`;
  const weeks = [];
  for (let monday = moved(first, { days: -weekdayOf(first) }); monday.slice(0, 7) <= day.slice(0, 7);
    monday = moved(monday, { days: 7 })) {
    weeks.push(Array.from({ length: 7 }, (_, index) => moved(monday, { days: index })));
  }
  return weeks;
}
