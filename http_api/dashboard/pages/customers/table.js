// Customers as a table: sortable columns, marks on changed rows.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, relative, shortDateTime } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { ListTable, Who } from "../../components/list-table.js";
import { Avatar } from "../../components/avatar.js";
import { Tag } from "../../components/tag.js";
import { demandOf, followUpKind, nameOf, ownerOf, shortLevel, stageKind } from "./words.js";

/**
 * `customers` is null while they are read for the first time. `first`, `last`: columns of the view beside the shared
 * ones.
 * @param {{ customers: Customer[] | null, stale: boolean, sort: string, setSort: (sort: string) => void,
 *   marks: import("../../lib/live-list.js").Marks, enums: import("./enums.js").Enums, pool: boolean,
 *   open: (id: string) => void, first?: Column[], last?: Column[] }} props
 * @typedef {import("./words.js").Customer} Customer
 * @typedef {import("../../components/list-table.js").Column<Customer>} Column
 */
export function CustomersTable({ customers, stale, sort, setSort, marks, enums, pool, open, first = [], last = [] }) {
  const now = useNow();
  const isGone = (/** @type {Customer} */ { id }) => GONE.has(marks[id]?.kind ?? "");
  /** @type {Column[]} */
  const shared = [
    { key: "customer", title: t("customerColumn.customer"),
      cell: (row) => html`<${CustomerCell} row=${row} mark=${marks[row.id]} gone=${isGone(row)} enums=${enums}
        open=${open} />` },
    { key: "stage", title: t("customerColumn.stage"), width: 108, cell: (row) => html`<${Stage} row=${row} />` },
    { key: "source", title: t("customerColumn.source"), width: 96, from: "wide",
      cell: (row) => enums.labelOf("leadSource", row.leadSource) },
  ];
  /** @type {(key: "createdAt" | "assignedAt" | "lastActivityAt" | "publicPoolEntryTime", from: "middle" | "wide") => Column} */
  const time = (key, from) => ({ key, title: t(`customerColumn.${key}`), width: 120, from, sortable: true,
    cell: (row) => (key === "createdAt" ? shortDateTime(row[key]) : row[key] ? relative(row[key], now) : "—"),
    hint: (row) => (row[key] ? dateTime(row[key]) : undefined) });
  /** @type {Column[]} */
  const own = pool ? [time("publicPoolEntryTime", "middle")] : [
    { key: "owner", title: t("customerColumn.owner"), width: 112, from: "middle", cell: (row) => ownerOf(row) || "—" },
    time("assignedAt", "wide"),
  ];
  const columns = [...first, ...shared, ...own, time("lastActivityAt", "wide"), time("createdAt", "wide"), ...last];
  return html`<${ListTable} label=${t("customers.title")} columns=${columns} rows=${customers} stale=${stale}
    marks=${marks} isGone=${isGone} open=${open} sort=${sort} setSort=${setSort} testId="customers-table"
    rowTestId=${(/** @type {Customer} */ row) => `customer-row-${row.customerId}`} />`;
}

/** Marks of rows that have left the list. */
export const GONE = new Set(["deleted", "left", "claimedAway"]);

/**
 * @param {{ row: Customer, mark?: import("../../lib/live-list.js").Mark, gone: boolean,
 *   enums: import("./enums.js").Enums, open: (id: string) => void }} props
 */
function CustomerCell({ row, mark, gone, enums, open }) {
  return html`<${Who} mark=${mark} markText=${mark && t(`customerMark.${mark.kind}`)}
    picture=${html`<${Avatar} name=${row.name} seed=${row.id} size=${36} />`}
    name=${html`<span class="with-tag"><button type="button" class="link-button name" disabled=${gone}
      onClick=${() => open(row.id)}>${nameOf(row)}</button>
      <span class="level" title=${t(`leadLevel.${row.leadLevel}`)}>${shortLevel(row.leadLevel)}</span>
      ${row.isFrozen && html`<${Tag} kind="bad">${t("customers.frozen")}<//>`}</span>`}
    more=${[row.phone, demandOf(row, enums)].filter(Boolean).join(" · ")} />`;
}

/** @param {{ row: Customer }} props */
const Stage = ({ row }) => html`<span class="stage-cell"><${Tag} kind=${stageKind(row.contractStatus)}>
  ${t(`customerStage.${row.contractStatus}`)}<//>
  ${row.followUpStatus && !row.inPublicPool && html`<span class=${`small-text follow-up ${followUpKind(row.followUpStatus)}`}>
    ${t(`followUpStatus.${row.followUpStatus}`)}</span>`}</span>`;
