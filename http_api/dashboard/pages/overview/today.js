// Live figures of the day: an older push never replaces newer ones; reports are completed with them. Pure functions.

/** @typedef {Push.Statistics} Statistics */

/**
 * @param {Statistics | null} one
 * @param {Statistics | null} other
 */
export function isNewer(one, other) {
  if (!one) return false;
  if (!other) return true;
  return one.version === other.version ? one.at >= other.at : one.version > other.version;
}

/**
 * The growth report with the live figures, if its last day is the current one.
 * @template {{ days: Rest.GrowthPoint[] } | null} Trend
 * @param {Trend} trend
 * @param {Statistics | null} now
 * @returns {Trend}
 */
export function withTodaysGrowth(trend, now) {
  const last = trend?.days.at(-1);
  if (!now || !trend || last?.date !== now.date) return trend;
  const today = { ...last, registered: now.todayRegistered, cumulative: now.total };
  return { ...trend, days: [...trend.days.slice(0, -1), today] };
}

/**
 * The activity report with the live users, if its last day is the current one.
 * @template {{ days: Rest.ActivityDay[] } | null} Activity
 * @param {Activity} activity
 * @param {Statistics | null} now
 * @returns {Activity}
 */
export function withTodaysActivity(activity, now) {
  const last = activity?.days.at(-1);
  if (!now || !activity || last?.date !== now.date) return activity;
  // The users of a week and of a month include those of the current day.
  const dau = now.todayActive;
  const today = { ...last, dau, wau: Math.max(last.wau, dau), mau: Math.max(last.mau, dau) };
  return { ...activity, days: [...activity.days.slice(0, -1), today] };
}
