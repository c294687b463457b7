// What staff do with a contract: at once, or after a confirmation where it hurts. When someone else changed the contract
// first, the reader is told what changed.
import { html, useState } from "../../../lib/view.js";
import { call, download, get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { Confirm } from "../../../components/confirm.js";
import { toast, toastError } from "../../../components/toast.js";
import { happenedSince } from "./history.js";
import { AssignDialog } from "./assign.js";
import { parties } from "../words.js";

const MOVED = new Set([409, 422]); // somebody else was first; or it is not any more what it was

const post = (path) => ({ id }, reason) => call("POST", `/contracts/${id}/${path}`, { body: { reason } });
const decide = (word) => ({ pendingDeletion }, comment) =>
  call("POST", `/contract-approvals/${pendingDeletion.id}/${word}`, { body: { comment } });

/** kind -> how it is asked and done; `gone`: the contract is not there afterwards. */
const ASKED = {
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

/** kind -> what is done at once. `version`: nobody signs what they have not seen. */
const AT_ONCE = {
  initiate: ({ id, version }) => call("POST", `/contracts/${id}/initiate-signing`, { body: { version } }),
  reinitiate: ({ id, version }) => call("POST", `/contracts/${id}/reinitiate-esign`, { body: { version } }),
  sync: ({ id }) => call("POST", `/contracts/${id}/sync-esign-status`, { body: {} }),
};

export function useContractActions({ contract, keep, gone }) {
  const [asked, setAsked] = useState(null);
  const [meanwhile, setMeanwhile] = useState([]);
  const [refused, setRefused] = useState(null);
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
  /** Whatever was refused because the contract is not what it was: show what it is, and what happened. */
  async function explain(error) {
    if (!MOVED.has(error.status)) return;
    const fresh = await read().catch(() => null);
    if (fresh) setMeanwhile(happenedSince(contract, fresh));
  }
  async function done(message) {
    forget();
    toast(message || t("action.done"));
    await read();
  }
  async function run(kind) {
    try {
      const { message } = await AT_ONCE[kind](contract);
      await done(message);
    } catch (error) {
      setRefused(error);
      await explain(error);
    }
  }
  async function work(reason) {
    const { run: carryOut, gone: leaves } = ASKED[asked];
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
  const save = () => download(`/contracts/${contract.id}/document`, {}, `${contract.contractNumber}.pdf`)
    .catch(toastError);
  async function preview() {
    try {
      const { previewUrl } = await get(`/contracts/${contract.id}/preview`);
      window.open(previewUrl, "_blank", "noopener");
    } catch (error) {
      toastError(error);
    }
  }

  const question = asked && ASKED[asked];
  const dialog = asked === "assign" ? html`<${AssignDialog} contract=${contract} done=${done} close=${close} />`
    : question && html`<${Confirm} key=${asked} reason=${question.reason} danger=${question.danger} work=${work}
      close=${close} title=${t(`contractAsk.${asked}`, { name: parties(contract) })}
      text=${t(`contractAsk.${asked}.text`)}
      confirmLabel=${t(`contractAction.${asked}`)}
      suggestions=${question.reasons.map((reason) => t(`contractReason.${reason}`))}
      note=${meanwhile.length > 0 && `${t("contract.meanwhile")} ${meanwhile.join("；")}`} />`;
  return { ask: (kind) => { forget(); setAsked(kind); }, run, save, preview, dialog, meanwhile, refused };
}
