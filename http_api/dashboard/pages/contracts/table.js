// Contracts as a table.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, money, relative } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { ListTable, Who } from "../../components/list-table.js";
import { Tag } from "../../components/tag.js";
import { endingOf, tagKindOf, typeText } from "./words.js";

/** @typedef {Rest.ContractAnswer & { isDeleted?: boolean }} ContractRow */

/**
 * `contracts` is null while they are read for the first time.
 * @param {{ contracts: ContractRow[] | null, stale: boolean, marks: import("../../lib/live-list.js").Marks,
 *   owners: Map<string, string>, open: (id: string) => void }} props
 */
export function ContractsTable({ contracts, stale, marks, owners, open }) {
  const now = useNow();
  /** @type {import("../../components/list-table.js").Column<ContractRow>[]} */
  const columns = [
    { key: "contract", title: t("contractTable.contract"),
      cell: (row) => html`<${ContractCell} row=${row} mark=${marks[row.id]} open=${open} />` },
    { key: "type", title: t("contractTable.type"), width: 104, from: "wide", cell: typeText },
    { key: "state", title: t("contractTable.state"), width: 132, cell: (row) => html`<${StatusCell} row=${row} />` },
    { key: "amount", title: t("contractTable.amount"), width: 152, from: "wide", numeric: true, cell: amounts },
    { key: "term", title: t("contractTable.term"), width: 116, from: "middle", cell: term },
    { key: "owner", title: t("contractTable.owner"), width: 104, from: "wide",
      cell: (row) => owners.get(row.createdBy._id) ?? (row.creatorName || "—") },
    { key: "updatedAt", title: t("contractTable.updatedAt"), width: 112, from: "wide",
      cell: (row) => relative(row.updatedAt, now),
      hint: (row) => dateTime(row.updatedAt) },
  ];
  return html`<${ListTable} label=${t("contracts.title")} columns=${columns} rows=${contracts} stale=${stale}
    marks=${marks} isGone=${(/** @type {ContractRow} */ row) => row.isDeleted ?? false} open=${open}
    testId="contracts-table"
    rowTestId=${(/** @type {ContractRow} */ row) => `contract-row-${row.contractNumber}`} />`;
}

/** @param {{ row: ContractRow, mark?: import("../../lib/live-list.js").Mark, open: (id: string) => void }} props */
function ContractCell({ row, mark, open }) {
  const gone = row.isDeleted;
  return html`<${Who} mark=${mark} markText=${mark && t(`contractMark.${gone ? "left" : mark.kind}`)}
    name=${html`<button type="button" class="link-button" disabled=${gone} onClick=${() => open(row.id)}>
      ${row.customerName}${row.workerName && ` → ${row.workerName}`}</button>`}
    more=${row.contractNumber} />`;
}

/** @param {ContractRow} row */
function amounts({ serviceFeeAmount, courseAmount, customerServiceFee, workerSalary }) {
  return html`${money(serviceFeeAmount ?? courseAmount ?? customerServiceFee)}
    ${workerSalary != null && html`<br /><span class="muted small-text">
      ${t("contractField.workerSalary")} ${money(workerSalary)}</span>`}`;
}

/** @param {ContractRow} row */
const term = (row) => (row.startDate ? html`<span class="numeric-text">${row.startDate}<br /><span
  class=${endingOf(row) ? "warn-text" : "muted"}>${row.endDate}</span></span>` : "—");

/** @param {{ row: ContractRow }} props */
function StatusCell({ row }) {
  const { contractStatus, cancelReason, cancelNote, signerCount } = row;
  const progress = signerCount > 0 && ` ${row.signedCount}/${signerCount}`;
  return html`<${Tag} kind=${tagKindOf(contractStatus)}>${t(`contractStatus.${contractStatus}`)}
      ${contractStatus === "signing" && progress}<//>
    ${row.closure && html` <${Tag} kind="warn">${t(`contractClosure.${row.closure}`)}
      ${row.closure === "void" && progress}<//>`}
    ${cancelReason && html`<div class="small-text muted cell-why" title=${cancelNote}>
      ${t(`cancelReason.${cancelReason}`)}${cancelNote && ` · ${cancelNote}`}</div>`}`;
}
