// Numbers and times as people read them, always in the agency's own time zone.
import { language, t } from "./i18n.js";

const ZONE = "Asia/Shanghai";
const OFFSET = "+08:00"; // no daylight saving since 1991
/** @type {Map<string, any>} */
const cache = new Map();

/** @typedef {string | number | Date} Moment an ISO text, milliseconds, or a date */

/**
 * @template Formatter, Options
 * @param {string} kind
 * @param {new (locale: string, options: Options) => Formatter} Formatter
 * @param {Options} options
 * @returns {Formatter}
 */
function cached(kind, Formatter, options) {
  const key = `${kind}|${language.get()}|${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Formatter(language.get(), options));
  return cache.get(key);
}

/** @param {Intl.NumberFormatOptions} options */
const numbers = (options) => cached("number", Intl.NumberFormat, options);

export const NOTHING = "—";

/** @param {number | null | undefined} value */
export function number(value) {
  return value == null ? NOTHING : numbers({}).format(value);
}

/** @param {number} value */
export function compact(value) {
  return numbers({ notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/**
 * A size in memory or on a disk, with two or three figures: `1.2 GB`.
 * @param {number} value
 */
export function bytes(value) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(Math.floor(Math.log2(Math.max(value, 1)) / 10), units.length - 1);
  const amount = value / 1024 ** power;
  const maximumFractionDigits = amount < 10 ? 1 : 0;
  return numbers({ style: "unit", unit: units[power], unitDisplay: "short", maximumFractionDigits }).format(amount);
}

/**
 * Yuan, with fen only where there are some.
 * @param {number | null | undefined} yuan
 */
export function money(yuan) {
  if (yuan == null) return NOTHING;
  const digits = Number.isInteger(yuan) ? 0 : 2;
  return numbers({
    style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(yuan);
}

/**
 * A ratio (0.123) as a percentage.
 * @param {number | null | undefined} ratio
 */
export function percent(ratio, digits = 1) {
  return ratio == null ? NOTHING : numbers({ style: "percent", maximumFractionDigits: digits }).format(ratio);
}

/**
 * Percentage points (12.3) with their sign.
 * @param {number | null | undefined} points
 */
export function signedPercent(points) {
  if (points == null) return NOTHING;
  return numbers({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(points / 100);
}

/** @type {Intl.DateTimeFormatOptions} */
const FULL = {
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  hourCycle: "h23", timeZone: ZONE,
};

/**
 * @param {Moment} instant
 * @returns {Record<string, string>}
 */
function parts(instant) {
  /** @type {Record<string, string>} */
  const found = {};
  // Swedish writes ISO-like dates; only the parts are used.
  if (!cache.has("parts")) cache.set("parts", new Intl.DateTimeFormat("sv-SE", FULL));
  for (const { type, value } of cache.get("parts").formatToParts(new Date(instant))) found[type] = value;
  return found;
}

/**
 * `2025-03-09 14:05:10`.
 * @param {Moment | null | undefined} instant
 */
export function dateTime(instant) {
  if (!instant) return NOTHING;
  const { year, month, day, hour, minute, second } = parts(instant);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/**
 * `2025-03-09 14:05`.
 * @param {Moment | null | undefined} instant
 */
export const toTheMinute = (instant) => dateTime(instant).slice(0, 16);

/**
 * `14:05:10`.
 * @param {Moment} instant
 */
export function clock(instant) {
  const { hour, minute, second } = parts(instant);
  return `${hour}:${minute}:${second}`;
}

/**
 * `03-09 14:05` within this year, `2025-03-09` for older instants.
 * @param {Moment | null | undefined} instant
 */
export function shortDateTime(instant) {
  if (!instant) return NOTHING;
  const { year, month, day, hour, minute } = parts(instant);
  return year === parts(Date.now()).year ? `${month}-${day} ${hour}:${minute}` : `${year}-${month}-${day}`;
}

/**
 * A unit, and how many of it make the next one.
 * @type {[Intl.RelativeTimeFormatUnit, number][]}
 */
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

/**
 * `3 分钟前`, `3 minutes ago`.
 * @param {Moment | null | undefined} instant
 */
export function relative(instant, now = Date.now()) {
  if (!instant) return t("time.never");
  let amount = (new Date(instant).getTime() - now) / 1000;
  if (Math.abs(amount) < 45) return t("time.justNow");
  // The short Chinese form says 秒前 instead of 秒钟前; the short English one would abbreviate.
  const style = language.get() === "en" ? "long" : "short";
  const formatter = cached("relative", Intl.RelativeTimeFormat, { numeric: "auto", style });
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return spaced(formatter.format(Math.round(amount), unit));
    amount /= size;
  }
  return dateTime(instant);
}

/**
 * Chinese with a space between figures and words, as it is set everywhere else on the page.
 * @param {string} text
 */
const spaced = (text) => text.replace(/(\d)(?=\p{Script=Han})/gu, "$1 ");

/**
 * How long ago, without "ago": `3 分钟`, `2 小时 5 分钟`.
 * @param {Moment} since
 */
export function duration(since, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - new Date(since).getTime()) / 60000));
  /** @param {number} value @param {string} name */
  const unit = (value, name) => spaced(numbers({ style: "unit", unit: name, unitDisplay: "short" }).format(value));
  if (minutes < 1) return t("time.underMinute");
  if (minutes < 60) return unit(minutes, "minute");
  if (minutes < 60 * 24) return `${unit(Math.floor(minutes / 60), "hour")} ${unit(minutes % 60, "minute")}`;
  return `${unit(Math.floor(minutes / 1440), "day")} ${unit(Math.floor((minutes % 1440) / 60), "hour")}`;
}

/**
 * A business day `2025-03-09` as `3/9`.
 * @param {string} day
 */
export function shortDay(day) {
  const [, month, date] = day.split("-");
  return `${Number(month)}/${Number(date)}`;
}

/**
 * A business day with its weekday.
 * @param {string} day
 */
export function longDay(day) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { month: "long", day: "numeric", weekday: "short", timeZone: ZONE };
  return cached("date", Intl.DateTimeFormat, options).format(new Date(`${day}T12:00:00${OFFSET}`));
}

/**
 * The same, and whether the day is not over yet.
 * @param {string} day
 */
export const dayTitle = (day) => (day === today() ? t("time.todaySoFar", { day: longDay(day) }) : longDay(day));

/** @param {string} day */
export const startOfDay = (day) => new Date(`${day}T00:00:00.000${OFFSET}`).toISOString();
/** @param {string} day */
export const endOfDay = (day) => new Date(`${day}T23:59:59.999${OFFSET}`).toISOString();

/**
 * The instant of a day and time as a form has them, `2026-05-03T14:30`.
 * @param {string} typed
 */
export const instantOf = (typed, laterMs = 0) =>
  new Date(Date.parse(`${typed}:00${OFFSET}`) + laterMs).toISOString();

export function today() {
  const { year, month, day } = parts(Date.now());
  return `${year}-${month}-${day}`;
}

/**
 * A length of time as a clock shows it: `1:02:03`.
 * @param {number} milliseconds
 */
export function clockTime(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  /** @param {number} value */
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/**
 * `2026年5月`, of a day.
 * @param {string} day
 */
export const monthText = (day) => cached("date", Intl.DateTimeFormat, /** @type {Intl.DateTimeFormatOptions} */ (
  { year: "numeric", month: "long", timeZone: "UTC" })).format(new Date(`${day}T00:00:00Z`));

/** From Monday to Sunday, short. */
export function weekdayNames() {
  const names = cached("date", Intl.DateTimeFormat, /** @type {Intl.DateTimeFormatOptions} */ (
    { weekday: "narrow", timeZone: "UTC" }));
  return Array.from({ length: 7 }, (_, index) => names.format(Date.UTC(2024, 0, 1 + index))); // a Monday
}
