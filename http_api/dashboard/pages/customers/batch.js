// Several customers at once: the selection, the bar of actions, and a result for each customer.
import { html, useEffect, useState } from "../../lib/view.js";
import { call } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { Dialog } from "../../components/dialog.js";
import { toast, toastError } from "../../components/toast.js";
import { StaffChoice } from "./detail/actions.js";
import { nameOf } from "./words.js";

/** @typedef {import("./words.js").Customer} Customer */
/** @typedef {"claim" | "assign" | "poolAssign" | "release"} Kind */

/**
 * One without a reason is done at once.
 * @typedef {object} Batch
 * @property {"claim" | "assign" | "release"} label of its button
 * @property {string} icon
 * @property {"required" | "optional"} [reason]
 * @property {string} path
 * @property {(reason: string, to: string) => object} body
 */
/** @type {Record<Kind, Batch>} */
const BATCHES = {
  claim: { label: "claim", icon: "check", path: "public-pool/claim", body: () => ({}) },
  assign: { label: "assign", icon: "person", reason: "optional", path: "batch-assign",
    body: (assignmentReason, assignedTo) => ({ assignmentReason, assignedTo }) },
  poolAssign: { label: "assign", icon: "person", reason: "optional", path: "public-pool/assign",
    body: (reason, assignedTo) => ({ reason, assignedTo }) },
  release: { label: "release", icon: "undo", reason: "required", path: "batch-release-to-pool",
    body: (reason) => ({ reason }) },
};

/**
 * The selected rows of a list; another page or filter empties the selection.
 * @param {Customer[]} rows
 * @param {string} key of what is listed
 */
export function useSelection(rows, key) {
  const [ids, setIds] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const clear = () => setIds(new Set());
  useEffect(clear, [key]);
  const chosen = rows.filter(({ id }) => ids.has(id));
  /** @param {string} id */
  function toggle(id) {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  }
  const all = rows.length > 0 && chosen.length === rows.length;
  const toggleAll = () => setIds(new Set(all ? [] : rows.map(({ id }) => id)));
  return { chosen, has: (/** @type {string} */ id) => ids.has(id), toggle, all, toggleAll, clear };
}
/** @typedef {ReturnType<typeof useSelection>} Selection */

/**
 * The column with which rows are selected.
 * @param {Selection} selection
 * @returns {import("./table.js").Column}
 */
export const selectionColumn = (selection) => ({
  key: "select", title: t("customers.select"), width: 76, from: "middle",
  cell: (row) => html`<label class="check row-check"><input type="checkbox" checked=${selection.has(row.id)}
    aria-label=${t("customers.selectOne", { name: nameOf(row) })} onChange=${() => selection.toggle(row.id)}
    data-testid=${`select-${row.customerId}`} /></label>`,
});

/**
 * `kinds`: the actions that the reader may take; `obstacle`: why none can be claimed now. `done`: the list is to be
 * read again.
 * @param {{ selection: Selection, kinds: Kind[], staff: Rest.AssigneeAnswer[], obstacle?: string | null,
 *   done: () => void }} props
 */
export function BatchBar({ selection, kinds, staff, obstacle, done }) {
  const [asked, setAsked] = useState(/** @type {Kind | null} */ (null));
  const [to, setTo] = useState("");
  const [result, setResult] = useState(/** @type {Result | null} */ (null));
  const { chosen, all, toggleAll } = selection;
  const batch = asked && BATCHES[asked];
  const assigns = batch?.label === "assign";

  /** @param {Kind} kind @param {string} [reason] */
  async function send(kind, reason = "") {
    const { path, body } = BATCHES[kind];
    const sent = { ...body(reason, to), customerIds: chosen.map(({ id }) => id) };
    const { data, message } = await call("POST", `/customers/${path}`, { body: sent });
    if (data.failed) setResult({ data, customers: chosen });
    else toast(message);
    selection.clear();
    done();
  }
  /** @param {Kind} kind */
  function start(kind) {
    if (!BATCHES[kind].reason) return send(kind).catch(refuse);
    setTo("");
    return setAsked(kind);
  }
  /** @param {import("../../lib/http.js").ApiError} error */
  function refuse(error) {
    toastError(error);
    done();
  }
  return html`${chosen.length > 0 && html`<div class="batch-bar" role="region" aria-label=${t("customers.batch")}
      data-testid="batch-bar">
      <label class="check"><input type="checkbox" checked=${all} onChange=${toggleAll} data-testid="select-all" />
        <span aria-live="polite">${t("customers.selected", { n: chosen.length })}</span></label>
      ${kinds.map((kind) => html`<${Button} key=${kind} kind=${kind === "claim" ? "primary" : "plain"}
        icon=${BATCHES[kind].icon} label=${t(`customerAction.${BATCHES[kind].label}`)} testId=${`batch-${kind}`}
        action=${() => start(kind)} disabled=${kind === "claim" && Boolean(obstacle)} />`)}
      <${Button} kind="ghost" icon="close" label=${t("customers.clearSelection")} action=${selection.clear} />
      ${kinds.includes("claim") && obstacle && html`<span class="small-text warn-text">${obstacle}</span>`}
    </div>`}
    ${asked && batch && html`<${Confirm} key=${asked} title=${t(`customerBatch.${batch.label}`, { n: chosen.length })}
      confirmLabel=${t(`customerAction.${batch.label}`)} reason=${batch.reason} blocked=${assigns && !to}
      work=${(/** @type {string} */ reason) => send(asked, reason)} close=${() => setAsked(null)}>
      ${assigns && html`<${StaffChoice} value=${to} choose=${setTo} staff=${staff} />`}<//>`}
    ${result && html`<${BatchResult} ...${result} close=${() => setResult(null)} />`}`;
}

/** @typedef {{ data: Rest.BatchResult, customers: Customer[] }} Result */

/** @param {Result & { close: () => void }} props */
function BatchResult({ data, customers, close }) {
  const names = new Map(customers.map((customer) => [customer.id, nameOf(customer)]));
  const title = t("customers.batchResult", { done: data.success, failed: data.failed });
  return html`<${Dialog} label=${title} close=${close} testId="batch-result"><div class="confirm">
    <h2>${title}</h2>
    <ul class="batch-rows">${data.errors.map(({ customerId, code, error }) => html`<li key=${customerId}>
      <strong>${names.get(customerId) ?? customerId}</strong><span title=${code}>${error}</span></li>`)}</ul>
    <div class="form-actions"><${Button} kind="primary" label=${t("action.close")} action=${close}
      testId="batch-result-close" /></div></div><//>`;
}
