// The course of a figure in the corner of its card; hidden from screen readers, which read the figure.
import { html } from "../lib/view.js";

const WIDTH = 96;
const HEIGHT = 28;

/** @param {{ values: number[], fromZero?: boolean, partial?: boolean }} props `partial`: the last day is not over */
export function Sparkline({ values, fromZero, partial }) {
  const low = fromZero ? 0 : Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, index) => [
    ((index / (values.length - 1)) * WIDTH).toFixed(1),
    (HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4)).toFixed(1),
  ].join(","));
  const whole = partial ? points.slice(0, -1) : points;
  return html`<svg class="sparkline" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    <polygon points=${`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
    <polyline points=${whole.join(" ")} />
    ${partial && html`<polyline class="partial" points=${points.slice(-2).join(" ")} />`}</svg>`;
}
