// How the number of users grows: new users per day as bars, all users as a line.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { hatched } from "../../lib/charts.js";
import { compact, dayTitle, number, shortDay, today } from "../../lib/format.js";
import { Chart } from "../../components/chart.js";
import { Panel } from "../../components/panel.js";

/** @template T @typedef {import("../../lib/hooks.js").Resource<T>} Resource */

/**
 * @param {{ trend: Resource<Rest.Trend>, days: number }} props
 * @typedef {ReturnType<typeof import("../../lib/charts.js").palette>} Colours
 */
export function Growth({ trend, days }) {
  return html`<${Panel} title=${t("growth.title")} hint=${t("growth.hint", { n: days })} resource=${trend}>
    ${(/** @type {Rest.Trend} */ data) => html`<${Chart} data=${data}
      build=${(/** @type {Colours} */ colours) => config(data.days, colours)}
      summary=${summary(data.days, days)} table=${table(data.days)} />`}
  <//>`;
}

/**
 * @param {Rest.GrowthPoint[]} days
 * @param {Colours} colours
 */
function config(days, colours) {
  const unit = t("unit.people");
  const running = days.map((day) => day.date === today());
  const hatch = hatched(colours.accent, colours.surface);
  return {
    type: "bar",
    data: {
      labels: days.map((day) => shortDay(day.date)),
      datasets: [
        { label: t("growth.registered"), data: days.map((day) => day.registered), order: 2,
          backgroundColor: running.map((isRunning) => (isRunning ? hatch : colours.accent)),
          borderColor: colours.accent, borderWidth: running.map((isRunning) => (isRunning ? 1 : 0)), borderRadius: 3,
          maxBarThickness: 22 },
        { type: "line", label: t("growth.cumulative"), data: days.map((day) => day.cumulative),
          yAxisID: "total", order: 1, borderColor: colours.second, backgroundColor: colours.second,
          borderWidth: 2, pointRadius: 0, pointHoverRadius: 4, tension: 0.25 },
      ],
    },
    options: {
      scales: {
        x: { grid: { display: false } },
        y: { beginAtZero: true, title: { text: t("growth.perDayAxis") }, ticks: { precision: 0, callback: compact } },
        total: { position: "right", beginAtZero: true, grid: { display: false }, title: { text: t("growth.totalAxis") },
          ticks: { precision: 0, callback: compact } },
      },
      plugins: { tooltip: { callbacks: {
        title: (/** @type {any} */ [item]) => dayTitle(days[item.dataIndex].date),
        label: (/** @type {any} */ item) => `${item.dataset.label} ${number(item.raw)} ${unit}`,
        footer: (/** @type {any} */ [item]) =>
          `${t("growth.phoneBound")} ${number(days[item.dataIndex].phoneBound)} ${unit}`,
      } } },
    },
  };
}

/**
 * @param {Rest.GrowthPoint[]} days
 * @param {number} count
 */
function summary(days, count) {
  const registered = days.reduce((sum, day) => sum + day.registered, 0);
  return t("growth.summary", { n: count, registered: number(registered), total: number(days.at(-1)?.cumulative ?? 0) });
}

/** @param {Rest.GrowthPoint[]} days */
function table(days) {
  return {
    columns: [t("overview.day"), t("growth.registered"), t("growth.phoneBound"), t("growth.cumulative")],
    rows: [...days].reverse().map(({ date, registered, phoneBound, cumulative }) => [
      date, number(registered), number(phoneBound), number(cumulative),
    ]),
  };
}
