// A list as a table. The widths of its columns do not depend on what is in them, so that nothing moves when a row is
// marked. Columns for which the screen is too narrow are shown below a row that is unfolded.
import { html, useRef, useState } from "../lib/view.js";
import { useWidth } from "../lib/hooks.js";
import { t } from "../lib/i18n.js";
import { Icon } from "./icons.js";

const NARROWEST = { middle: 560, wide: 900 };

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} key
 * @property {string} title
 * @property {(row: Row) => unknown} cell
 * @property {number} [width] in pixels; the column without one takes the rest
 * @property {"middle" | "wide"} [from] the narrowest list that shows the column; without it, every list does
 * @property {boolean} [numeric]
 * @property {boolean} [sortable]
 * @property {boolean} [actions]
 * @property {(row: Row) => string | undefined} [hint] shown when the pointer rests on the cell
 */

/**
 * `rows` is null while they are read for the first time. `open` is called for a press on a row. `sort`: a column's key,
 * with a minus when descending.
 * @template Row
 * @param {{ label: string, columns: Column<Row>[], rows: Row[] | null, idOf?: (row: Row) => string, stale?: boolean,
 *   marks?: import("../lib/live-list.js").Marks, isGone?: (row: Row) => boolean, open?: (id: string) => void,
 *   sort?: string, setSort?: (sort: string) => void, skeletons?: number, testId: string,
 *   rowTestId: (row: Row) => string }} props
 */
export function ListTable(props) {
  const { label, columns, rows, idOf = idOfRow, stale = false, sort, setSort, skeletons = 8, testId } = props;
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const width = useWidth(element);
  const shown = columns.filter(({ from }) => !from || width >= NARROWEST[from]);
  const folded = columns.filter((column) => !shown.includes(column));
  const [unfolded, setUnfolded] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  /** @param {string} id */
  function toggle(id) {
    const next = new Set(unfolded);
    if (!next.delete(id)) next.add(id);
    setUnfolded(next);
  }
  return html`<div class="table-scroll" ref=${element}><table aria-busy=${!rows || stale} data-testid=${testId}
    class=${`list-table ${props.open ? "pressable" : ""} ${stale ? "stale" : ""}`}>
    <caption class="visually-hidden">${label}</caption>
    <thead><tr>${shown.map((column) => html`<${Head} key=${column.key} column=${column} sort=${sort}
      setSort=${setSort} />`)}
      ${folded.length > 0 && html`<th class="unfold"><span class="visually-hidden">${t("table.more")}</span></th>`}
    </tr></thead>
    <tbody>${rows ? rows.map((row) => html`<${Row} key=${idOf(row)} ...${props} shown=${shown} folded=${folded}
        row=${row} id=${idOf(row)} unfolded=${unfolded.has(idOf(row))} toggle=${toggle} />`)
      : Array.from({ length: skeletons }, (_, index) => html`<tr key=${index} aria-hidden="true">
        ${shown.map(({ key }) => html`<td key=${key}><span class="skeleton"></span></td>`)}
        ${folded.length > 0 && html`<td></td>`}</tr>`)}
    </tbody>
  </table></div>`;
}

/** @param {{ column: Column<any>, sort?: string, setSort?: (sort: string) => void }} props */
function Head({ column, sort, setSort }) {
  const { key, title, sortable, width } = column;
  const style = width ? { width: `${width}px` } : undefined;
  if (!sortable) return html`<th scope="col" class=${classOf(column)} style=${style}>${title}</th>`;
  const descending = sort === `-${key}`;
  const ascending = sort === key;
  const next = descending ? key : `-${key}`;
  return html`<th scope="col" class=${classOf(column)} style=${style}
    aria-sort=${descending ? "descending" : ascending ? "ascending" : "none"}>
    <button type="button" class=${`sort ${descending || ascending ? "sorted" : ""}`} onClick=${() => setSort?.(next)}
      data-testid=${`sort-${key}`}>${title}
      <${Icon} name=${descending ? "down" : ascending ? "up" : "sort"} size=${14} /></button></th>`;
}

/** @param {any} props those of the table, and `row`, `id`, `shown`, `folded`, `unfolded`, `toggle` */
function Row({ row, id, shown, folded, marks, isGone, open, rowTestId, unfolded, toggle }) {
  const mark = marks?.[id];
  const gone = isGone?.(row) ?? false;
  const press = open && ((/** @type {any} */ event) => event.target.closest("button, a, label") || gone || open(id));
  const label = t(unfolded ? "table.less" : "table.more");
  return html`<tr class=${[mark && `marked ${mark.kind}`, gone && "gone"].filter(Boolean).join(" ")} onClick=${press}
      data-testid=${rowTestId(row)}>
      ${shown.map((/** @type {Column<any>} */ column) => html`<td key=${column.key} class=${classOf(column)}
        title=${column.hint?.(row)}>${column.cell(row)}</td>`)}
      ${folded.length > 0 && html`<td class="unfold"><button type="button" class="button ghost icon-only"
        aria-expanded=${unfolded} aria-label=${label} title=${label} onClick=${() => toggle(id)}>
        <${Icon} name=${unfolded ? "up" : "down"} /></button></td>`}
    </tr>
    ${unfolded && folded.length > 0 && html`<tr class="row-details"><td colspan=${shown.length + 1}><dl>
      ${folded.map((/** @type {Column<any>} */ { key, title, cell, actions }) => html`<div key=${key}
        class=${`detail ${actions ? "actions" : ""}`}><dt>${title}</dt><dd>${cell(row)}</dd></div>`)}
    </dl></td></tr>`}`;
}

/** @param {Column<any>} column */
const classOf = ({ numeric, actions }) => (actions ? "actions" : numeric ? "numeric" : undefined);

/** @param {any} row */
const idOfRow = (row) => row.id;

/**
 * The first cell of a row: picture, name, and a quiet second line, in which a mark takes room from the text only.
 * @param {{ picture?: unknown, name: unknown, more?: unknown, mark?: import("../lib/live-list.js").Mark,
 *   markText?: string }} props
 */
export const Who = ({ picture, name, more, mark, markText }) => html`<div class="who">${picture}
  <div class="who-text">${name}<span class="second-line"><span class="muted small-text numeric">${more}</span>
    ${mark && html`<span class=${`mark ${mark.kind}`}>${markText}</span>`}</span></div></div>`;
