// Chart.js in the page's own colours. The library is fetched when the first chart is shown.
import { t } from "./i18n.js";

const SOURCE = new URL("../vendor/chart.umd.min.js", import.meta.url);
/** @type {Promise<any> | null} */
let loading = null;

/** Chart.js is a classic script that sets one global. */
export function loadLibrary() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = SOURCE.href;
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
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    accent: colour("accent"), second: colour("chart-second"), third: colour("chart-third"),
    text: colour("muted"), grid: colour("line"), surface: colour("surface"), ink: colour("text"),
  };
}

/**
 * A Chart.js configuration with the page's fonts and colours.
 * @param {any} config
 * @param {ReturnType<typeof palette>} colours
 */
export function withHouseStyle(config, colours) {
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
        sort: (/** @type {any} */ one, /** @type {any} */ other) => one.datasetIndex - other.datasetIndex,
        color: colours.text, font: { family: font, size: 12 },
        boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 3,
      } },
      tooltip: {
        backgroundColor: colours.surface, titleColor: colours.ink, bodyColor: colours.ink, footerColor: colours.ink,
        footerFont: { weight: "normal" }, borderColor: colours.grid, borderWidth: 1, padding: 10, boxPadding: 4,
      },
      ...options.plugins,
    },
  } };
}
