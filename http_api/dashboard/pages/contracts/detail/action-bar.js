// What may be done with a contract, by its state and by what one is allowed.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { can, session } from "../../../lib/session.js";
import { Button } from "../../../components/button.js";
import { CAN_BE_SIGNED_AGAIN, manages, seesAll } from "../words.js";

/** Rows of: name, icon, kind of button, whether it is offered, what it does. The first one is what is mostly wanted. */
function offered(contract, deeds, write) {
  const { user } = session.get();
  const { contractStatus: status, cancelReason, orderCategory, paymentStatus } = contract;
  const edits = can("contract:edit");
  const home = orderCategory !== "training";
  const again = status === "cancelled" && CAN_BE_SIGNED_AGAIN.has(cancelReason) && !contract.replacedByContractId;
  const inForce = status === "active";
  const binding = status !== "draft" && (status !== "cancelled" || cancelReason === "voided");
  const deletable = !binding && !contract.pendingDeletion;
  const ask = (kind) => () => { deeds.ask(kind); };
  const form = (mode) => () => { write(mode, contract); };
  return [
    ["initiate", "send", "primary", edits && status === "draft", () => deeds.run("initiate")],
    ["reinitiate", "send", "primary", edits && again, () => deeds.run("reinitiate")],
    ["download", "download", "plain", contract.esignSignedAt, deeds.save],
    ["changeWorker", "swap", "plain", edits && inForce && home, form("changeWorker")],
    ["renew", "renew", "plain", can("contract:create") && inForce && home, form("renew")],
    ["edit", "edit", "plain", edits && !["replaced", "graduated", "refunded"].includes(status), form("edit")],
    ["sync", "refresh", "plain", status === "signing", () => deeds.run("sync")],
    ["preview", "eye", "plain", status === "signing" && contract.attempt?.sent, deeds.preview],
    ["assign", "person", "plain", edits && seesAll(user) && can("user:view"), ask("assign")],
    ["withdraw", "undo", "danger-outline", edits && status === "signing" && !closing(contract), ask("withdraw")],
    ["void", "block", "danger-outline", edits && manages(user) && inForce && !closing(contract), ask("void")],
    ["refund", "undo", "danger-outline", edits && manages(user) && !home && (inForce || status === "signed")
      && paymentStatus === "paid", ask("refund")],
    ["discard", "block", "danger-outline", edits && status === "draft", ask("discard")],
    [user.role === "admin" ? "delete" : "requestDeletion", "trash", "ghost danger-text push",
      can("contract:delete") && deletable, ask(user.role === "admin" ? "delete" : "requestDeletion")],
  ].filter(([, , , shown]) => shown);
}

const closing = ({ pendingClosure }) => pendingClosure && !pendingClosure.problem;

export function ContractActions({ contract, deeds, write }) {
  const actions = offered(contract, deeds, write);
  if (!actions.length) return null;
  const missing = contract.missingToSign.length > 0;
  return html`<footer class="drawer-foot">${actions.map(([name, icon, kind, , action]) => html`<${Button} key=${name}
    icon=${icon} kind=${kind} label=${t(`contractAction.${name}`)} action=${action} testId=${`do-${name}`}
    disabled=${missing && (name === "initiate" || name === "reinitiate")}
    title=${missing && name.endsWith("initiate") ? t("contract.missing") : undefined} />`)}</footer>`;
}
