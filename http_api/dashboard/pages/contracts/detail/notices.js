// What stands in the way of a contract, or is under way: said at the top, with what helps.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { dateTime } from "../../../lib/format.js";
import { can, session } from "../../../lib/session.js";
import { Button } from "../../../components/button.js";
import { Problem } from "../../../components/states.js";
import { whoOf } from "./history.js";
import { CAN_BE_SIGNED_AGAIN } from "../words.js";

export function ContractNotices({ contract, deeds, write }) {
  const { contractStatus, cancelReason, cancelNote, attempt, pendingClosure, pendingDeletion } = contract;
  const again = contractStatus === "cancelled" && CAN_BE_SIGNED_AGAIN.has(cancelReason);
  const missing = contractStatus === "draft" || again ? contract.missingToSign : [];
  return html`<div class="notices">
    ${deeds.refused && html`<${Problem} error=${deeds.refused} />`}
    ${deeds.meanwhile.length > 0 && html`<${Notice} kind="warn" title=${t("contract.meanwhile")}>
      <ul>${deeds.meanwhile.map((line) => html`<li key=${line}>${line}</li>`)}</ul><//>`}
    ${contractStatus === "cancelled" && html`<${Notice} kind="bad" testId="cancel-reason"
      title=${t(`cancelReason.${cancelReason ?? "failed"}`)}>${cancelNote}<//>`}
    ${pendingClosure && html`<${Notice} kind="warn" title=${t(`contractClosure.${pendingClosure.kind}`)}>
      ${pendingClosure.reason} · ${whoOf(pendingClosure.requestedBy)} · ${dateTime(pendingClosure.requestedAt)}
      ${pendingClosure.problem && html` <code>${pendingClosure.problem}</code>`}<//>`}
    ${pendingDeletion && html`<${Notice} kind="warn" title=${t("contract.deletionPending")}>
      ${pendingDeletion.reason} · ${whoOf(pendingDeletion.requestedBy)} · ${dateTime(pendingDeletion.requestedAt)}
      ${session.get().user.role === "admin" && html`<div class="link-row">
        <${Button} small kind="danger-outline" label=${t("contractAction.approve")}
          action=${() => { deeds.ask("approve"); }} testId="approve-deletion" />
        <${Button} small label=${t("contractAction.refuse")} action=${() => { deeds.ask("refuse"); }}
          testId="refuse-deletion" /></div>`}<//>`}
    ${contractStatus === "signing" && attempt && !attempt.sent && html`<${Sending} attempt=${attempt} />`}
    ${missing.length > 0 && html`<${Notice} kind="warn" title=${t("contract.missing")} testId="missing">
      ${missing.map((name) => t(`contractField.${name}`)).join("、")}
      ${can("contract:edit") && html`<div class="link-row"><${Button} small icon="edit" label=${t("contract.complete")}
        action=${() => { write("edit", contract); }} /></div>`}<//>`}
  </div>`;
}

const Sending = ({ attempt }) => (attempt.problem
  ? html`<${Notice} kind="bad" title=${t("contract.sendingFails")}><code>${attempt.problem}</code> ·
    ${t("contract.tries", { n: attempt.failures })}<//>`
  : html`<${Notice} kind="warn" title=${t("contract.sending")} />`);

const Notice = ({ kind, title, testId, children }) => html`<div class=${`notice ${kind}`} data-testid=${testId}>
  <strong>${title}</strong> <div>${children}</div></div>`;
