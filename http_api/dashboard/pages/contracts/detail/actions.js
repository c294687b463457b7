// The actions on a contract: at once, or after a confirmation where they cannot be undone. When another person changed
// the contract first, the reader sees the changes.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { Confirm } from "../../../components/confirm.js";
import { toast } from "../../../components/toast.js";
import { changesSince } from "./history.js";
import { AssignDialog } from "./assign.js";
import { PaymentDialog } from "./payment.js";
import { PreviewDialog, SigningPreview } from "./preview.js";
import { parties } from "../words.js";

const OUTDATED = new Set([409, 422]); // the contract was changed meanwhile, or its state does not allow it any more

/**
 * @typedef {object} AskedAction
 * @property {"required" | "optional"} [reason]
 * @property {boolean} [danger]
 * @property {string[]} [reasons] suggested ones, by the keys of their texts
 * @property {boolean} [previewed] the question shows what is sent, and to whom
 * @property {boolean} [gone] the contract is not there afterwards
 * @property {(contract: Contract, reason: string) => Promise<{ message: string }>} run
 * @typedef {Rest.ContractDetail} Contract
 */

/** @type {(path: string) => AskedAction["run"]} */
const post = (path) => ({ id }, reason) => call("POST", `/contracts/${id}/${path}`, { body: { reason } });
/**
 * The version makes the server refuse terms that the reader did not see.
 * @type {(path: string) => AskedAction["run"]}
 */
const startSigning = (path) => ({ id, version }) => call("POST", `/contracts/${id}/${path}`, { body: { version } });
/** @type {(decision: string) => AskedAction["run"]} */
const decide = (decision) => ({ pendingDeletion }, comment) =>
  call("POST", `/contract-approvals/${pendingDeletion?.id}/${decision}`, { body: { comment } });

/**
 * Actions after a confirmation, by kind.
 * @type {Record<string, AskedAction>}
 */
const ASKED = {
  initiate: { previewed: true, run: startSigning("initiate-signing") },
  reinitiate: { previewed: true, run: startSigning("reinitiate-esign") },
  confirmOnboard: { run: ({ id }) => call("POST", `/contracts/${id}/confirm-onboard`, { body: {} }) },
  graduate: { run: ({ id }) => call("POST", `/training-orders/${id}/graduate`, { body: {} }) },
  withdraw: { reason: "required", danger: true, reasons: ["postponed", "mistake"], run: post("withdraw") },
  void: { reason: "required", danger: true, reasons: ["agreed", "noLongerNeeded"], run: post("invalidate") },
  discard: { reason: "required", danger: true, reasons: ["noLongerNeeded", "mistake"], run: post("cancel") },
  refund: { reason: "optional", danger: true, reasons: ["agreed"], run: post("mark-refunded") },
  requestDeletion: { reason: "required", danger: true, reasons: ["duplicate", "mistake"],
    run: post("request-deletion") },
  delete: { reason: "optional", danger: true, reasons: ["duplicate", "mistake"], gone: true,
    run: ({ id }, reason) => call("DELETE", `/contracts/${id}`, { body: { reason } }) },
  approve: { reason: "optional", danger: true, reasons: [], gone: true, run: decide("approve") },
  refuse: { reason: "required", reasons: ["stillNeeded"], run: decide("reject") },
};

/** @type {Record<string, (props: any) => unknown>} */
const OWN_DIALOGS = { assign: AssignDialog, recordPayment: PaymentDialog, previewDraft: PreviewDialog };

/** @param {{ contract: Contract | null, keep: (fresh: Contract) => void, gone: () => void }} options */
export function useContractActions({ contract: shown, keep, gone }) {
  const contract = /** @type {Contract} */ (shown); // actions are offered once it was read
  const [asked, setAsked] = useState(/** @type {string | null} */ (null));
  const [meanwhile, setMeanwhile] = useState(/** @type {string[]} */ ([]));
  const [refused, setRefused] = useState(/** @type {import("../../../lib/http.js").ApiError | null} */ (null));
  const close = () => setAsked(null);

  function forget() {
    setMeanwhile([]);
    setRefused(null);
  }
  async function read() {
    const fresh = await get(`/contracts/${contract.id}`);
    keep(fresh);
    return fresh;
  }
  /**
   * After a refusal because the contract changed: shows it as it is, and what happened.
   * @param {{ status: number }} error
   */
  async function explain(error) {
    if (!OUTDATED.has(error.status)) return;
    const fresh = await read().catch(() => null);
    if (fresh) setMeanwhile(changesSince(contract, fresh));
  }
  /** @param {string} message */
  async function done(message) {
    forget();
    toast(message || t("action.done"));
    await read();
  }
  async function sync() {
    try {
      const { message } = await call("POST", `/contracts/${contract.id}/sync-esign-status`, { body: {} });
      await done(message);
    } catch (error) {
      setRefused(error);
      await explain(error);
    }
  }
  /** @param {string} reason */
  async function work(reason) {
    const { run: carryOut, gone: leaves } = ASKED[/** @type {string} */ (asked)];
    try {
      const { message } = await carryOut(contract, reason);
      if (!leaves) return await done(message);
      toast(message || t("action.done"));
      return gone();
    } catch (error) {
      await explain(error);
      throw error;
    }
  }
  const question = asked && ASKED[asked];
  const Own = OWN_DIALOGS[asked ?? ""];
  const dialog = Own ? html`<${Own} contract=${contract} done=${done} close=${close} />`
    : question && html`<${Confirm} key=${asked} reason=${question.reason} danger=${question.danger} work=${work}
      close=${close} title=${t(`contractAsk.${asked}`, { name: parties(contract) })}
      text=${t(`contractAsk.${asked}.text`)}
      confirmLabel=${t(`contractAction.${asked}`)}
      suggestions=${(question.reasons ?? []).map((reason) => t(`contractReason.${reason}`))}
      note=${meanwhile.length > 0 && `${t("contract.meanwhile")} ${meanwhile.join("；")}`}>
      ${question.previewed && html`<${SigningPreview} contract=${contract} />`}<//>`;
  /** @param {string} kind */
  function ask(kind) {
    forget();
    setAsked(kind);
  }
  return { ask, sync, dialog, meanwhile, refused };
}
