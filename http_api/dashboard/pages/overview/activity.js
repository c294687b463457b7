// How active users are: DAU, WAU and MAU as lines; beside them retention, silent users and frequency of log-ins.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dashedToday } from "../../lib/charts.js";
import { compact, dayTitle, number, percent, shortDay, today } from "../../lib/format.js";
import { Chart } from "../../components/chart.js";
import { BarList } from "../../components/bar-list.js";
import { Panel } from "../../components/panel.js";

/** @template T @typedef {import("../../lib/hooks.js").Resource<T>} Resource */

/**
 * @param {{ activity: Resource<Rest.Activity>, days: number }} props
 * @typedef {ReturnType<typeof import("../../lib/charts.js").palette>} Colours
 */
export function Activity({ activity, days }) {
  return html`<${Panel} title=${t("activity.title")} hint=${t("activity.hint")} resource=${activity}>
    ${(/** @type {Rest.Activity} */ data) => html`<${Chart} data=${data}
      build=${(/** @type {Colours} */ colours) => config(data.days, colours)}
      summary=${summary(data.days, days)} table=${table(data.days)} />`}
  <//>`;
}

/**
 * @param {Rest.ActivityDay[]} days
 * @param {Colours} colours
 */
function config(days, colours) {
  const segment = days.at(-1)?.date === today() ? dashedToday(days.length) : undefined;
  /** @param {"dau" | "wau" | "mau"} name @param {string} colour */
  const line = (name, colour) => ({
    label: t(`activity.${name}`), data: days.map((day) => day[name]), borderColor: colour, backgroundColor: colour,
    borderWidth: 2, pointRadius: 0, pointHoverRadius: 4, tension: 0.25, segment,
  });
  return {
    type: "line",
    data: {
      labels: days.map((day) => shortDay(day.date)),
      datasets: [line("dau", colours.accent), line("wau", colours.second), line("mau", colours.third)],
    },
    options: {
      scales: {
        x: { grid: { display: false } },
        y: { beginAtZero: true, title: { text: t("activity.axis") }, ticks: { precision: 0, callback: compact } },
      },
      plugins: { tooltip: { callbacks: {
        title: (/** @type {any} */ [item]) => dayTitle(days[item.dataIndex].date),
        label: (/** @type {any} */ item) => `${item.dataset.label} ${number(item.raw)} ${t("unit.people")}`,
      } } },
    },
  };
}

/**
 * @param {Rest.ActivityDay[]} days
 * @param {number} count
 */
function summary(days, count) {
  const last = days.at(-1) ?? { dau: 0, wau: 0, mau: 0 };
  return t("activity.summary", { n: count, dau: number(last.dau), wau: number(last.wau), mau: number(last.mau) });
}

/** @param {Rest.ActivityDay[]} days */
function table(days) {
  return {
    columns: [t("overview.day"), t("activity.dau"), t("activity.wau"), t("activity.mau")],
    rows: [...days].reverse().map((day) => [day.date, number(day.dau), number(day.wau), number(day.mau)]),
  };
}

/** @param {{ activity: Resource<Rest.Activity> }} props */
export function Habits({ activity }) {
  return html`<${Panel} title=${t("habits.title")} hint=${t("habits.hint")} resource=${activity}>
    ${(/** @type {Rest.Activity} */ data) => html`
      <dl class="figures">
        <div><dt>${t("habits.nextDay")}</dt><dd>${percent(data.retention.nextDay)}</dd></div>
        <div><dt>${t("habits.sevenDay")}</dt><dd>${percent(data.retention.sevenDay)}</dd></div>
        <div><dt title=${t("habits.stickinessHint")}>${t("habits.stickiness")}</dt><dd>
          ${percent(data.stickiness)}</dd></div>
        <div><dt title=${t("habits.silentHint")}>${t("habits.silent")}</dt><dd>${number(data.silent)}</dd></div>
      </dl>
      <h3>${t("habits.logins")}</h3>
      <${BarList} label=${t("habits.logins")} rows=${data.loginCounts.map(loginRow)} />`}
  <//>`;
}

/**
 * @param {Rest.LoginCountRange} range
 * @returns {import("../../components/bar-list.js").BarRow}
 */
function loginRow({ from, to, users }) {
  const range = to == null ? `${number(from)}+` : from === to ? number(from) : `${number(from)}–${number(to)}`;
  const text = t("habits.users", { n: number(users) });
  return { key: from, label: t("habits.times", { range }), value: users, text };
}
