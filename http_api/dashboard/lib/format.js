// Numbers and times for people, always in the agency's own time zone.
import { language, t } from "./i18n.js";

const ZONE = "Asia/Shanghai";
const OFFSET = "+08:00"; // no daylight saving since 1991
const cache = new Map();

function cached(kind, Formatter, options) {
  const key = `${kind}|${language.get()}|${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Formatter(language.get(), options));
  return cache.get(key);
}

export const NOTHING = "—";

export function number(value) {
  return value == null ? NOTHING : cached("number", Intl.NumberFormat, {}).format(value);
}

export function compact(value) {
  return cached("number", Intl.NumberFormat, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** Yuan, with fen only where there are some. */
export function money(yuan) {
  if (yuan == null) return NOTHING;
  const options = { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" };
  return cached("number", Intl.NumberFormat, options).format(yuan);
}

/** A ratio (0.123) as a percentage. */
export function percent(ratio, digits = 1) {
  if (ratio == null) return NOTHING;
  return cached("number", Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }).format(ratio);
}

/** Percentage points that the server already multiplied (12.3), with their sign. */
export function signedPercent(points) {
  if (points == null) return NOTHING;
  const options = { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" };
  return cached("number", Intl.NumberFormat, options).format(points / 100);
}

const TWO = "2-digit";
const FULL = { year: "numeric", month: TWO, day: TWO, hour: TWO, minute: TWO, second: TWO, hourCycle: "h23", timeZone: ZONE };

function parts(instant) {
  const found = {};
  // Swedish writes ISO-like dates; only the parts are used.
  if (!cache.has("parts")) cache.set("parts", new Intl.DateTimeFormat("sv-SE", FULL));
  for (const { type, value } of cache.get("parts").formatToParts(new Date(instant))) found[type] = value;
  return found;
}

/** `2025-03-09 14:05:10`. */
export function dateTime(instant) {
  if (!instant) return NOTHING;
  const { year, month, day, hour, minute, second } = parts(instant);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/** `14:05:10`. */
export function clock(instant) {
  const { hour, minute, second } = parts(instant);
  return `${hour}:${minute}:${second}`;
}

/** `03-09 14:05` within this year, `2025-03-09` for older instants. */
export function shortDateTime(instant) {
  if (!instant) return NOTHING;
  const { year, month, day, hour, minute } = parts(instant);
  return year === parts(Date.now()).year ? `${month}-${day} ${hour}:${minute}` : `${year}-${month}-${day}`;
}

/** A unit, and how many of it make the next one. */
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

export function relative(instant, now = Date.now()) {
  if (!instant) return t("time.never");
  let amount = (new Date(instant).getTime() - now) / 1000;
  if (Math.abs(amount) < 45) return t("time.justNow");
  const formatter = cached("relative", Intl.RelativeTimeFormat, { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return formatter.format(Math.round(amount), unit);
    amount /= size;
  }
  return dateTime(instant);
}

/** How long ago, without "ago": `3 分钟`, `2 小时 5 分钟`. */
export function duration(since, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - new Date(since).getTime()) / 60000));
  const unit = (value, name) => {
    const options = { style: "unit", unit: name, unitDisplay: "short" };
    return cached("number", Intl.NumberFormat, options).format(value);
  };
  if (minutes < 1) return t("time.underMinute");
  if (minutes < 60) return unit(minutes, "minute");
  if (minutes < 60 * 24) return `${unit(Math.floor(minutes / 60), "hour")} ${unit(minutes % 60, "minute")}`;
  return `${unit(Math.floor(minutes / 1440), "day")} ${unit(Math.floor((minutes % 1440) / 60), "hour")}`;
}

/** A business day `2025-03-09` as `3/9`. */
export function shortDay(day) {
  const [, month, date] = day.split("-");
  return `${Number(month)}/${Number(date)}`;
}

/** A business day with its weekday. */
export function longDay(day) {
  const options = { month: "long", day: "numeric", weekday: "short", timeZone: ZONE };
  return cached("date", Intl.DateTimeFormat, options).format(new Date(`${day}T12:00:00${OFFSET}`));
}

export const startOfDay = (day) => new Date(`${day}T00:00:00.000${OFFSET}`).toISOString();
export const endOfDay = (day) => new Date(`${day}T23:59:59.999${OFFSET}`).toISOString();
export function today() {
  const { year, month, day } = parts(Date.now());
  return `${year}-${month}-${day}`;
}

export function daysAfter(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** A length of time as a clock shows it: `1:02:03`. */
export function clockTime(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
