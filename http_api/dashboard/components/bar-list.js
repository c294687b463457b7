// Shares as horizontal bars that start at zero, each with its figure in words.
import { html } from "../lib/view.js";

/**
 * @typedef {object} BarRow
 * @property {string | number} key
 * @property {string} label
 * @property {number} value
 * @property {Content} text
 * @property {boolean} [muted]
 * @property {() => void} [onPress]
 * @property {boolean} [open] whether `children` are shown
 * @property {BarRow[]} [children] of the second level
 * @typedef {import("../lib/view.js").Content} Content
 */
/** @param {{ rows: BarRow[], label: string }} props */
export function BarList({ rows, label }) {
  const longest = Math.max(1, ...rows.map((row) => row.value));
  return html`<ul class="bar-list" aria-label=${label}>${rows.map((row) => html`<li key=${row.key}>
    <${Bar} row=${row} longest=${longest} />
    ${row.open && html`<ul class="bar-list nested">${row.children?.map((child) => html`<li key=${child.key}>
      <${Bar} row=${child} longest=${row.value || 1} /></li>`)}</ul>`}
  </li>`)}</ul>`;
}

/** @param {{ row: BarRow, longest: number }} props */
function Bar({ row, longest }) {
  const inner = html`<span class="bar-label">${row.label}</span>
    <span class="bar-track">${row.value > 0 && html`<span class=${`bar-fill ${row.muted ? "muted-fill" : ""}`}
      style=${{ width: `${(row.value / longest) * 100}%` }}></span>`}</span>
    <span class="bar-text">${row.text}</span>`;
  if (!row.onPress) return html`<div class="bar">${inner}</div>`;
  return html`<button type="button" class="bar" aria-expanded=${Boolean(row.open)} onClick=${row.onPress}>
    ${inner}</button>`;
}
