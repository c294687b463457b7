// A chart, and the same figures as a table.
import { html, useEffect, useRef, useState } from "../lib/view.js";
import { loadLibrary, palette, withHouseStyle } from "../lib/charts.js";
import { useResource, useTheme } from "../lib/hooks.js";
import { language, t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Skeleton } from "./states.js";

/**
 * `build(colours)` gives a Chart.js configuration, `data` is what it is built from; `table` has the same figures for
 * readers who do not see the chart.
 * @param {{ build: (colours: ReturnType<typeof palette>) => any, data: unknown, summary: string, table: Table }} props
 * @typedef {{ columns: string[], rows: string[][] }} Table
 */
export function Chart({ build, data, summary, table }) {
  const theme = useTheme();
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const chart = useRef(/** @type {any} */ (null));
  const { data: loaded, error: failed } = useResource("chart", loadLibrary);
  const library = window.Chart ?? loaded;
  const [asTable, setAsTable] = useState(false);
  useEffect(() => {
    if (!library || asTable) return undefined;
    chart.current = new library(canvas.current, withHouseStyle(build(palette()), palette()));
    return () => {
      chart.current.destroy();
      chart.current = null;
    };
  }, [library, theme, asTable, language.get()]);
  useEffect(() => {
    if (!chart.current) return;
    // New figures move the existing marks; a new chart would flicker at every push.
    const fresh = build(palette());
    chart.current.data.labels = fresh.data.labels;
    const { datasets } = chart.current.data;
    fresh.data.datasets.forEach((/** @type {object} */ set, /** @type {number} */ index) => {
      Object.assign(datasets[index], set);
    });
    chart.current.options.plugins.tooltip.callbacks = fresh.options.plugins?.tooltip?.callbacks ?? {};
    chart.current.update();
  }, [data]);

  return html`<figure class="chart">
    <div class="chart-toggle"><${Button} small iconOnly kind="ghost" icon=${asTable ? "chart" : "table"}
      pressed=${asTable}
      label=${t(asTable ? "chart.showChart" : "chart.showTable")} action=${() => setAsTable(!asTable)} /></div>
    ${failed && !library ? html`<p class="muted">${failed.message}</p>` : !library
      && html`<${Skeleton} lines=${1} height=${220} />`}
    ${asTable
      ? html`<div class="chart-table" tabindex="0"><${DataTable} ...${table} caption=${summary} /></div>`
      : html`<div class="chart-canvas" hidden=${!library}><canvas ref=${canvas} role="img"
        aria-label=${summary}></canvas></div>`}
  </figure>`;
}

/** @param {Table & { caption: string }} props */
function DataTable({ columns, rows, caption }) {
  return html`<table class="plain-table"><caption class="visually-hidden">${caption}</caption>
    <thead><tr>${columns.map((column) => html`<th scope="col" key=${column}>${column}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row[0]}>${row.map((cell, index) => (index ? html`<td key=${index}>
      ${cell}</td>` : html`<th scope="row" key=${index}>${cell}</th>`))}</tr>`)}</tbody>
  </table>`;
}
