// Entries of the operation log as a table.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, shortDateTime } from "../../lib/format.js";
import { setQuery } from "../../lib/router.js";
import { Tag } from "../../components/tag.js";
import { actionText, actorText, targetText } from "./words.js";

const SKELETON_ROWS = 8;
const COLUMNS = [
  { key: "at" }, { key: "actor" }, { key: "action" }, { key: "target", wide: true }, { key: "address", wide: true },
];

/** @param {{ entries: Rest.LogEntry[] | null, stale: boolean }} props `entries` is null during the first read */
export function LogTable({ entries, stale }) {
  return html`<div class="table-scroll"><table class=${`list-table pressable audit-log ${stale ? "stale" : ""}`}
    aria-busy=${!entries || stale} data-testid="audit-table">
    <caption class="visually-hidden">${t("audit.title")}</caption>
    <thead><tr>${COLUMNS.map(({ key, wide }) => html`<th key=${key} scope="col" class=${wide ? "wide" : ""}>
      ${t(`auditColumn.${key}`)}</th>`)}</tr></thead>
    <tbody>${entries ? entries.map((entry) => html`<${Row} key=${entry.id} entry=${entry} />`)
      : Array.from({ length: SKELETON_ROWS }, (_, index) => html`<tr key=${index} aria-hidden="true">
        <td colspan=${COLUMNS.length}><span class="skeleton"></span></td></tr>`)}</tbody>
  </table></div>`;
}

/** @param {{ entry: Rest.LogEntry }} props */
function Row({ entry }) {
  const open = () => setQuery({ entry: entry.id });
  const press = (/** @type {any} */ event) => event.target.closest("button, a") || open();
  return html`<tr onClick=${press} data-testid=${`audit-row-${entry.id}`}>
    <td class="numeric-text" title=${dateTime(entry.at)}>${shortDateTime(entry.at)}</td>
    <td><span class="with-tag">${actorText(entry.actor)}
      ${entry.actor.kind !== "staff" && entry.actor.kind !== "system"
        && html`<${Tag}>${t(`auditActor.${entry.actor.kind}`)}<//>`}</span></td>
    <td><button type="button" class="link-button" onClick=${open}>${actionText(entry.action)}</button></td>
    <td class="wide">${targetText(entry.targetKind)} <code class="small-text muted">${entry.targetId}</code></td>
    <td class="wide"><span class="numeric">${entry.address || "—"}</span>
      <div class="muted small-text">${entry.device}</div></td>
  </tr>`;
}
