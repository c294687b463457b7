// The overview: today's figures live, growth, activity and regions.
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
import { LiveNumber } from "../../components/live-number.js";
import { Failure } from "../../components/states.js";
import { Sparkline } from "../../components/sparkline.js";

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
  const grown = withTodayLive(trend, statistics.data);
  const active = withTodayActive(activity, statistics.data);

  return html`<div class="page">
    <div class="page-head">
      <div><h1>${t("overview.title")}</h1>
        <p class="muted">${date ? t("overview.asOf", { day: longDay(date), time: clock(statistics.data.at) })
          : statistics.loading && t("state.loading")}</p></div>
      <div class="segmented" role="group" aria-label=${t("overview.period")}>
        ${PERIODS.map((period) => html`<button type="button" key=${period} aria-pressed=${period === days}
          data-testid=${`period-${period}`}
          onClick=${() => setQuery({ days: period === DEFAULT_PERIOD ? "" : period }, { replace: true })}>
          ${t("overview.days", { n: period })}</button>`)}
      </div>
    </div>
    ${statistics.error && !statistics.data ? html`<section class="panel">
      <${Failure} error=${statistics.error} retry=${statistics.reload} /></section>`
      : html`<${Cards} statistics=${statistics.data} trend=${grown.data} activity=${active.data} days=${days} />`}
    <div class="grid wide-left"><${Growth} trend=${grown} days=${days} /><${Regions} /></div>
    <div class="grid wide-left"><${Activity} activity=${active} days=${days} /><${Habits} activity=${active} /></div>
  </div>`;
}

const useFigures = (name, days) =>
  useResource(`${name} ${days}`, (signal) => get(`/miniprogram-users/statistics/${name}`, { days }, signal));

/** A page that stays open over midnight begins a new day with the server. */
function useNextDay(date, begin) {
  const known = useRef(date);
  useEffect(() => {
    if (known.current && date && date !== known.current) begin();
    known.current = date ?? known.current;
  }, [date]);
}

/** Read once, then moved by pushes. An older push never replaces a newer figure. */
function useLiveStatistics() {
  const [pushed, setPushed] = useState(null);
  const read = useResource("statistics", (signal) => get("/miniprogram-users/statistics", {}, signal));
  const take = (push) => setPushed((before) => (isNewer(push, before) ? push : before));
  useNamespace("/statistics", { snapshot: take, statistics: take });
  return { ...read, data: isNewer(pushed, read.data) ? pushed : read.data };
}

function isNewer(one, other) {
  if (!one) return false;
  if (!other) return true;
  return (one.version ?? 0) === (other.version ?? 0) ? one.at >= other.at : (one.version ?? 0) > (other.version ?? 0);
}

function withTodayLive(trend, now) {
  const last = trend.data?.days.at(-1);
  if (!now || !last || last.date !== now.date) return trend;
  const today = { ...last, registered: now.todayRegistered, cumulative: now.total };
  return { ...trend, data: { ...trend.data, days: [...trend.data.days.slice(0, -1), today] } };
}

function withTodayActive(activity, now) {
  const last = activity.data?.days.at(-1);
  if (!now || !last || last.date !== now.date) return activity;
  // A week and a month hold at least who was here today.
  const dau = now.todayActive;
  const today = { ...last, dau, wau: Math.max(last.wau, dau), mau: Math.max(last.mau, dau) };
  return { ...activity, data: { ...activity.data, days: [...activity.data.days.slice(0, -1), today] } };
}

function Cards({ statistics, trend, activity, days }) {
  const yesterday = trend?.days.at(YESTERDAY);
  const activeYesterday = activity?.days.at(YESTERDAY);
  const growth = trend?.growth?.registered;
  const perUser = statistics?.todayActive > 0 && (statistics.todayLogins / statistics.todayActive).toFixed(1);
  const cards = [
    { key: "total", value: statistics?.total, testId: "card-total", line: trend?.days.map((day) => day.cumulative),
      note: growth != null && t("card.growth", { value: signedPercent(growth), n: days }) },
    { key: "registered", value: statistics?.todayRegistered, testId: "card-registered", fromZero: true,
      line: trend?.days.map((day) => day.registered),
      note: yesterday && t("card.yesterday", { value: number(yesterday.registered) }) },
    { key: "active", value: statistics?.todayActive, testId: "card-active", fromZero: true,
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
      ${card.line?.length > 1 && html`<${Sparkline} values=${card.line} fromZero=${card.fromZero} />`}
    </article>`)}
  </section>`;
}

