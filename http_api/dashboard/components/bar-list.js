// Shares as horizontal bars that start at zero, each with its figure in words.
import { html } from "../lib/view.js";

/** rows: {key, label, value, text, muted?, onPress?, open?, children?: rows of the second level}. */
export function BarList({ rows, label }) {
  const longest = Math.max(1, ...rows.map((row) => row.value));
  return html`<ul class="bar-list" aria-label=${label}>${rows.map((row) => html`<li key=${row.key}>
    <${Bar} row=${row} longest=${longest} />
    ${row.open && html`<ul class="bar-list nested">${row.children.map((child) => html`<li key=${child.key}>
      <${Bar} row=${child} longest=${row.value || 1} /></li>`)}</ul>`}
  </li>`)}</ul>`;
}

function Bar({ row, longest }) {
  const inner = html`<span class="bar-label">${row.label}</span>
    <span class="bar-track">${row.value > 0 && html`<span class=${`bar-fill ${row.muted ? "muted-fill" : ""}`}
      style=${{ width: `${(row.value / longest) * 100}%` }}></span>`}</span>
    <span class="bar-text">${row.text}</span>`;
  if (!row.onPress) return html`<div class="bar">${inner}</div>`;
  return html`<button type="button" class="bar" aria-expanded=${Boolean(row.open)} onClick=${row.onPress}>
    ${inner}</button>`;
}
