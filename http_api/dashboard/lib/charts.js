// Chart.js in the page's own colours. The library is fetched when the first chart is shown.
import { ApiError } from "./http.js";
import { t } from "./i18n.js";

const SOURCE = new URL("../vendor/chart.umd.min.js", import.meta.url);
const TILE = 6;
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
      reject(new ApiError(t("error.network"), { code: "NETWORK" }));
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
    line: colour("line-strong"),
  };
}

/**
 * A filling for figures of a day that is not over.
 * @param {string} colour
 * @param {string} ground
 */
export function hatched(colour, ground) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE;
  const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  pen.fillStyle = ground;
  pen.fillRect(0, 0, TILE, TILE);
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  for (const shift of [-TILE, 0, TILE]) { // the neighbours' lines reach into the corners
    pen.moveTo(shift, TILE);
    pen.lineTo(shift + TILE, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

/**
 * Lines are dashed on their way to a last day that is not over.
 * @param {number} count of the days
 */
export const dashedToday = (count) => ({
  borderDash: (/** @type {any} */ { p1DataIndex }) => (p1DataIndex === count - 1 ? [4, 4] : undefined),
});

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
      ...options.plugins,
      tooltip: {
        backgroundColor: colours.surface, titleColor: colours.ink, bodyColor: colours.ink, footerColor: colours.ink,
        titleFont: { family: font, weight: 600 }, bodyFont: { family: font },
        footerFont: { family: font, weight: "normal" }, footerMarginTop: 4,
        borderColor: colours.line, borderWidth: 1, cornerRadius: 8, padding: 12, boxPadding: 4, caretSize: 0,
        usePointStyle: true, ...options.plugins?.tooltip,
      },
    },
  } };
}
