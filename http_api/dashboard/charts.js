// Draws charts in the page's own colours. The library is fetched when the first chart is shown.
import { html, useEffect, useRef, useState } from "./view.js";
import { language, t } from "./i18n.js";
import { Button } from "./components/button.js";
import { Skeleton } from "./components/states.js";
import { useTheme } from "./components/switches.js";

const SOURCE = new URL("./vendor/chart.umd.min.js", import.meta.url);
let loading = null;

/** The library is a classic script that leaves one global behind. */
function loadLibrary() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = SOURCE;
    script.onload = () => resolve(window.Chart);
    script.onerror = () => {
      loading = null; // a later chart tries again
      reject(new Error(t("error.network")));
    };
    document.head.append(script);
  });
  return loading;
}

export function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    accent: colour("accent"), second: colour("chart-second"), third: colour("chart-third"),
    text: colour("muted"), grid: colour("line"), surface: colour("surface"), ink: colour("text"),
  };
}

function withHouseStyle(config, colours) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const options = config.options;
  for (const scale of Object.values(options.scales)) {
    scale.ticks = { color: colours.text, font: { size: 11 }, maxRotation: 0, autoSkipPadding: 16, ...scale.ticks };
    scale.grid = { color: colours.grid, drawTicks: false, ...scale.grid };
    scale.border = { display: false };
    if (scale.title) Object.assign(scale.title, { display: true, color: colours.text, font: { size: 11 } });
  }
  const font = getComputedStyle(document.body).fontFamily;
  return { ...config, options: {
    responsive: true, maintainAspectRatio: false, animation: still ? false : { duration: 300 }, font: { family: font },
    interaction: { mode: "index", intersect: false }, ...options,
    plugins: {
      legend: { align: "end", labels: {
        sort: (one, other) => one.datasetIndex - other.datasetIndex,
        color: colours.text, font: { family: font, size: 12 }, boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 3,
      } },
      tooltip: {
        backgroundColor: colours.surface, titleColor: colours.ink, bodyColor: colours.ink, footerColor: colours.ink,
        footerFont: { weight: "normal" }, borderColor: colours.grid, borderWidth: 1, padding: 10, boxPadding: 4,
      },
      ...options.plugins,
    },
  } };
}

/** `build(colours)` gives a Chart.js configuration; `table` is the same content for who
 * cannot see it: {columns, rows}. */
export function Chart({ build, data, summary, table }) {
  const theme = useTheme();
  const canvas = useRef(null);
  const chart = useRef(null);
  const [library, setLibrary] = useState(() => window.Chart ?? null);
  const [failed, setFailed] = useState(null);
  const [asTable, setAsTable] = useState(false);
  useEffect(() => {
    let wanted = true;
    loadLibrary().then((Library) => wanted && setLibrary(() => Library), (error) => wanted && setFailed(error));
    return () => { wanted = false; };
  }, []);

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
    fresh.data.datasets.forEach((set, index) => Object.assign(chart.current.data.datasets[index], set));
    chart.current.options.plugins.tooltip.callbacks = fresh.options.plugins?.tooltip?.callbacks ?? {};
    chart.current.update();
  }, [data]);

  return html`<figure class="chart">
    <div class="chart-toggle"><${Button} small iconOnly kind="ghost" icon=${asTable ? "chart" : "table"}
      pressed=${asTable}
      label=${t(asTable ? "chart.showChart" : "chart.showTable")} action=${() => setAsTable(!asTable)} /></div>
    ${failed ? html`<p class="muted">${failed.message}</p>` : !library
      && html`<${Skeleton} lines=${1} height=${220} />`}
    ${asTable
      ? html`<div class="chart-table" tabindex="0"><${DataTable} ...${table} caption=${summary} /></div>`
      : html`<div class="chart-canvas" hidden=${!library}><canvas ref=${canvas} role="img"
        aria-label=${summary}></canvas></div>`}
  </figure>`;
}

function DataTable({ columns, rows, caption }) {
  return html`<table class="plain-table"><caption class="visually-hidden">${caption}</caption>
    <thead><tr>${columns.map((column) => html`<th scope="col" key=${column}>${column}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row[0]}>${row.map((cell, index) => (index ? html`<td key=${index}>
      ${cell}</td>` : html`<th scope="row" key=${index}>${cell}</th>`))}</tr>`)}</tbody>
  </table>`;
}
