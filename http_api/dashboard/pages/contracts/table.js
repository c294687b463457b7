// Contracts as a table.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, money, relative } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { Tag } from "../../components/tag.js";
import { endingOf, tagKindOf, typeText } from "./words.js";

/** @typedef {Rest.ContractAnswer & { isDeleted?: boolean }} ContractRow */

const SKELETON_ROWS = 8;
/** @type {{ key: string, wide?: boolean, numeric?: boolean }[]} */
const COLUMNS = [
  { key: "contract" }, { key: "type", wide: true }, { key: "state" }, { key: "amount", numeric: true, wide: true },
  { key: "term", wide: true }, { key: "owner", wide: true }, { key: "updatedAt", wide: true },
];

/**
 * `contracts` is null while they are read for the first time.
 * @param {{ contracts: ContractRow[] | null, stale: boolean, marks: import("../../lib/live-list.js").Marks,
 *   owners: Map<string, string>, open: (id: string) => void }} props
 */
export function ContractsTable({ contracts, stale, marks, owners, open }) {
  const now = useNow();
  return html`<div class="table-scroll"><table class=${`list-table pressable contracts-table ${stale ? "stale" : ""}`}
    aria-busy=${!contracts || stale} data-testid="contracts-table">
    <caption class="visually-hidden">${t("contracts.title")}</caption>
    <thead><tr>${COLUMNS.map(({ key, wide, numeric }) => html`<th scope="col" key=${key}
      class=${[wide && "wide", numeric && "numeric"].filter(Boolean).join(" ")}>${t(`contractTable.${key}`)}</th>`)}
    </tr></thead>
    <tbody>${contracts
      ? contracts.map((row) => html`<${Row} key=${row.id} row=${row} mark=${marks[row.id]} now=${now} open=${open}
        owner=${owners.get(row.createdBy._id) ?? row.creatorName} />`)
      : Array.from({ length: SKELETON_ROWS }, (_, index) => html`<tr key=${index} aria-hidden="true">
        ${COLUMNS.map(({ key, wide }) => html`<td key=${key} class=${wide ? "wide" : ""}>
          <span class="skeleton"></span></td>`)}</tr>`)}
    </tbody>
  </table></div>`;
}

/**
 * @param {{ row: ContractRow, mark?: import("../../lib/live-list.js").Mark, now: number, owner: string,
 * open: (id: string) => void }} props
 */
function Row({ row, mark, now, owner, open }) {
  const gone = row.isDeleted;
  const press = (/** @type {any} */ event) => event.target.closest("button, a") || gone || open(row.id);
  return html`<tr class=${[mark && "marked", gone && "gone"].filter(Boolean).join(" ")} onClick=${press}
    data-testid=${`contract-row-${row.contractNumber}`}>
    <td><div class="who"><div class="who-text"><button type="button" class="link-button" disabled=${gone}
        onClick=${() => open(row.id)}>${row.customerName}${row.workerName && ` → ${row.workerName}`}</button>
      <span class="muted small-text numeric">${row.contractNumber}</span></div>
      ${mark && html`<span class=${`mark ${mark.kind}`}>
        ${gone ? t("contractMark.left") : t(`contractMark.${mark.kind}`)}</span>`}</div></td>
    <td class="wide">${typeText(row)}</td>
    <td><${StatusCell} row=${row} /></td>
    <td class="wide numeric">${money(row.serviceFeeAmount ?? row.courseAmount ?? row.customerServiceFee)}
      ${row.workerSalary != null && html`<br /><span class="muted small-text">
        ${t("contractField.workerSalary")} ${money(row.workerSalary)}</span>`}</td>
    <td class="wide numeric-text">${row.startDate ? html`${row.startDate}<br /><span class=${endingOf(row)
      ? "warn-text" : "muted"}>${row.endDate}</span>` : "—"}</td>
    <td class="wide">${owner || "—"}</td>
    <td class="wide" title=${dateTime(row.updatedAt)}>${relative(row.updatedAt, now)}</td>
  </tr>`;
}

/** @param {{ row: ContractRow }} props */
function StatusCell({ row }) {
  const { contractStatus, cancelReason, cancelNote, signerCount } = row;
  const progress = signerCount > 0 && ` ${row.signedCount}/${signerCount}`;
  return html`<${Tag} kind=${tagKindOf(contractStatus)}>${t(`contractStatus.${contractStatus}`)}${contractStatus === "signing" && progress}<//>
    ${row.closure && html` <${Tag} kind="warn">${t(`contractClosure.${row.closure}`)}
      ${row.closure === "void" && progress}<//>`}
    ${cancelReason && html`<div class="small-text muted cell-why" title=${cancelNote}>
      ${t(`cancelReason.${cancelReason}`)}${cancelNote && ` · ${cancelNote}`}</div>`}`;
}
