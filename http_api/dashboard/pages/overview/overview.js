// The overview: live figures of the current day; growth, activity and regions.
import { html, useEffect, useRef, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { clock, longDay, number, signedPercent } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { route, setQuery } from "../../lib/router.js";
import { useStore } from "../../lib/store.js";
import { Growth } from "./growth.js";
import { Activity, Habits } from "./activity.js";
import { Regions } from "./regions.js";
import { isNewer, withTodaysActivity, withTodaysGrowth } from "./today.js";
import { LiveNumber } from "../../components/live-number.js";
import { Segmented } from "../../components/segmented.js";
import { Failure } from "../../components/states.js";
import { Sparkline } from "../../components/sparkline.js";

/** @template T @typedef {import("../../lib/hooks.js").Resource<T>} Resource */

const PERIODS = [7, 30, 90];
const DEFAULT_PERIOD = 30;
const YESTERDAY = -2; // the last day of a trend is today

export function Overview() {
  const { query } = useStore(route);
  const days = PERIODS.find((period) => String(period) === query.days) ?? DEFAULT_PERIOD;
  const statistics = useLiveStatistics();
  const date = statistics.data?.date;
  const trend = useFigures("trend", days);
  const activity = useFigures("activity", days);
  useNextDay(date, () => [trend, activity].forEach((resource) => resource.reload()));
  const refreshAll = () => [statistics, trend, activity].forEach((resource) => resource.reload());
  useNamespace("/statistics", { gap: refreshAll });
  const grown = { ...trend, data: withTodaysGrowth(trend.data, statistics.data) };
  const active = { ...activity, data: withTodaysActivity(activity.data, statistics.data) };

  return html`<div class="page">
    <div class="page-head">
      <div><h1>${t("overview.title")}</h1>
        <p class="muted">${statistics.data
          ? t("overview.asOf", { day: longDay(statistics.data.date), time: clock(statistics.data.at) })
          : statistics.loading && t("state.loading")}</p></div>
      <${Segmented} label=${t("overview.period")} value=${String(days)} testId="period"
        options=${PERIODS.map((period) => [String(period), t("overview.days", { n: period })])}
        choose=${(/** @type {string} */ period) =>
          setQuery({ days: Number(period) === DEFAULT_PERIOD ? "" : period }, { replace: true })} />
    </div>
    ${statistics.error && !statistics.data ? html`<section class="panel">
      <${Failure} error=${statistics.error} retry=${statistics.reload} /></section>`
      : html`<${Cards} statistics=${statistics.data} trend=${grown.data} activity=${active.data} days=${days} />`}
    <div class="grid wide-left"><${Growth} trend=${grown} days=${days} /><${Regions} /></div>
    <div class="grid wide-left"><${Activity} activity=${active} days=${days} /><${Habits} activity=${active} /></div>
  </div>`;
}

/**
 * @param {string} name
 * @param {number} days
 * @returns {Resource<any>}
 */
const useFigures = (name, days) =>
  useResource(`${name} ${days}`, (signal) => get(`/miniprogram-users/statistics/${name}`, { days }, signal));

/**
 * Reads the reports again when the server's day changes while the page is open.
 * @param {string | undefined} date
 * @param {() => void} begin
 */
function useNextDay(date, begin) {
  const known = useRef(date);
  useEffect(() => {
    if (known.current && date && date !== known.current) begin();
    known.current = date ?? known.current;
  }, [date]);
}

/** Read once, then updated by pushes. An older push never replaces newer figures. */
function useLiveStatistics() {
  const [pushed, setPushed] = useState(/** @type {Push.Statistics | null} */ (null));
  /** @type {Resource<Rest.Overview>} */
  const read = useResource("statistics", (signal) => get("/miniprogram-users/statistics", {}, signal));
  /** @param {Push.Statistics} push */
  const take = (push) => setPushed((before) => (isNewer(push, before) ? push : before));
  useNamespace("/statistics", { snapshot: take, statistics: take });
  return { ...read, data: isNewer(pushed, read.data) ? pushed : read.data };
}

/**
 * @param {{ statistics: Push.Statistics | null, trend: Rest.Trend | null, activity: Rest.Activity | null,
 * days: number }} props
 */
function Cards({ statistics, trend, activity, days }) {
  const yesterday = trend?.days.at(YESTERDAY);
  const activeYesterday = activity?.days.at(YESTERDAY);
  const growth = trend?.growth?.registered;
  const { todayActive = 0, todayLogins = 0 } = statistics ?? {};
  const perUser = todayActive > 0 && (todayLogins / todayActive).toFixed(1);
  const cards = [
    { key: "total", value: statistics?.total, testId: "card-total", line: trend?.days.map((day) => day.cumulative),
      note: growth != null && t("card.growth", { value: signedPercent(growth), n: days }) },
    { key: "registered", value: statistics?.todayRegistered, testId: "card-registered", fromZero: true, partial: true,
      line: trend?.days.map((day) => day.registered),
      note: yesterday && t("card.yesterday", { value: number(yesterday.registered) }) },
    { key: "active", value: statistics?.todayActive, testId: "card-active", fromZero: true, partial: true,
      line: activity?.days.map((day) => day.dau),
      note: activeYesterday && t("card.yesterday", { value: number(activeYesterday.dau) }) },
    { key: "logins", value: statistics?.todayLogins, testId: "card-logins",
      note: perUser && t("card.perUser", { value: perUser }) },
    { key: "online", value: statistics?.online, testId: "card-online", note: t("card.onlineNote") },
  ];
  return html`<section class="cards" aria-label=${t("overview.today")}>
    ${cards.map((card) => html`<article class="card" key=${card.key}>
      <h2>${t(`card.${card.key}`)}</h2>
      <div class="card-value">${statistics ? html`<${LiveNumber} value=${card.value} testId=${card.testId} />`
        : html`<span class="skeleton number-skeleton" data-testid=${card.testId}></span>`}</div>
      <p class="card-note muted">${card.note || "\u00a0"}</p>
      ${card.line && card.line.length > 1 && html`<${Sparkline} values=${card.line} fromZero=${card.fromZero}
        partial=${card.partial} />`}
    </article>`)}
  </section>`;
}

