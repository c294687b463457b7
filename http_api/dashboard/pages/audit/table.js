// Entries of the operation log as a table.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, shortDateTime } from "../../lib/format.js";
import { setQuery } from "../../lib/router.js";
import { ListTable } from "../../components/list-table.js";
import { Tag } from "../../components/tag.js";
import { actionText, actorText, targetText } from "./words.js";

/** @typedef {Rest.LogEntry} Entry */

/** @type {Omit<import("../../components/list-table.js").Column<Entry>, "title">[]} */
const COLUMNS = [
  { key: "action", cell: (entry) => html`<button type="button" class="link-button" onClick=${() => open(entry.id)}>
    ${actionText(entry.action)}</button>` },
  { key: "at", width: 116, cell: ({ at }) => html`<span class="numeric-text">${shortDateTime(at)}</span>`,
    hint: ({ at }) => dateTime(at) },
  { key: "actor", width: 176, from: "middle", cell: ({ actor }) => html`<span class="with-tag">${actorText(actor)}
    ${actor.kind !== "staff" && actor.kind !== "system"
      && html`<${Tag}>${t(`auditActor.${actor.kind}`)}<//>`}</span>` },
  { key: "target", width: 296, from: "wide", cell: ({ targetKind, targetId }) => html`${targetText(targetKind)}
    <code class="small-text muted">${targetId}</code>` },
  { key: "address", width: 176, from: "wide", cell: ({ address, device }) => html`
    <span class="numeric">${address || "—"}</span><div class="muted small-text">${device}</div>` },
];

/** @param {{ entries: Entry[] | null, stale: boolean }} props `entries` is null during the first read */
export function LogTable({ entries, stale }) {
  const columns = COLUMNS.map((column) => ({ ...column, title: t(`auditColumn.${column.key}`) }));
  return html`<${ListTable} label=${t("audit.title")} columns=${columns} rows=${entries} stale=${stale}
    open=${open} testId="audit-table" rowTestId=${(/** @type {Entry} */ { id }) => `audit-row-${id}`} />`;
}

/** @param {string} id */
const open = (id) => setQuery({ entry: id });
