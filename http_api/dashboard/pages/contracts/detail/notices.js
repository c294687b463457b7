// Notices at the top of a contract: what is missing, refused or under way, with the button that helps.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { dateTime, money } from "../../../lib/format.js";
import { Button } from "../../../components/button.js";
import { Problem } from "../../../components/states.js";
import { DocumentTasks } from "./documents.js";
import { termsAreOpen } from "../words.js";
import { whoOf } from "./history.js";

/**
 * @param {{ contract: Rest.ContractDetail, actions: import("./action-bar.js").ContractActions,
 * write: import("./action-bar.js").Write }} props
 */
export function ContractNotices({ contract, actions, write }) {
  const { contractStatus, cancelReason, cancelNote, attempt, pendingClosure, pendingDeletion } = contract;
  /** @param {Rest.ContractAction} action */
  const may = (action) => contract.allowedActions.includes(action);
  const missing = termsAreOpen(contract) ? contract.missingToSign : [];
  return html`<div class="notices"><${DocumentTasks} id=${contract.id} />
    ${actions.refused && html`<${Problem} error=${actions.refused} />`}
    ${actions.meanwhile.length > 0 && html`<${Notice} kind="warn" title=${t("contract.meanwhile")}>
      <ul>${actions.meanwhile.map((line) => html`<li key=${line}>${line}</li>`)}</ul><//>`}
    ${contractStatus === "cancelled" && html`<${Notice} kind="bad" testId="cancel-reason"
      title=${t(`cancelReason.${cancelReason ?? "failed"}`)}>${cancelNote}<//>`}
    ${pendingClosure && html`<${Notice} kind="warn" title=${t(`contractClosure.${pendingClosure.kind}`)}>
      ${pendingClosure.reason} · ${whoOf(pendingClosure.requestedBy)} · ${dateTime(pendingClosure.requestedAt)}
      ${pendingClosure.problem && html` <code>${pendingClosure.problem}</code>`}<//>`}
    ${pendingDeletion && html`<${Notice} kind="warn" title=${t("contract.deletionPending")}>
      ${pendingDeletion.reason} · ${whoOf(pendingDeletion.requestedBy)} · ${dateTime(pendingDeletion.requestedAt)}
      ${may("decideDeletion") && html`<div class="link-row">
        <${Button} small kind="danger-outline" label=${t("contractAction.approve")}
          action=${() => { actions.ask("approve"); }} testId="approve-deletion" />
        <${Button} small label=${t("contractAction.refuse")} action=${() => { actions.ask("refuse"); }}
          testId="refuse-deletion" /></div>`}<//>`}
    ${contractStatus === "signing" && attempt && !attempt.sent && html`<${Sending} attempt=${attempt} />`}
    ${contractStatus === "signed" && html`<${Notice} kind="info" testId="to-be-paid"
      title=${t("contract.toBePaid", { amount: money((contract.amountDue ?? 0) / 100) })}>
      ${t(may("recordPayment") ? "contract.toBePaid.record" : "contract.toBePaid.wait")}<//>`}
    ${contract.onboardStatus === "pending" && contractStatus === "active" && !pendingClosure
      && html`<${Notice} kind="info" testId="to-onboard" title=${t("contract.toOnboard")}>${t("contract.toOnboard.text")}<//>`}
    ${missing.length > 0 && html`<${Notice} kind="warn" title=${t("contract.missing")} testId="missing">
      ${missing.map((name) => t(`contractField.${name}`)).join("、")}
      ${may("edit") && html`<div class="link-row"><${Button} small icon="edit" label=${t("contract.complete")}
        action=${() => { write("edit", contract); }} /></div>`}<//>`}
  </div>`;
}

/** @param {{ attempt: Rest.AttemptAnswer }} props */
const Sending = ({ attempt }) => (attempt.problem
  ? html`<${Notice} kind="bad" title=${t("contract.sendingFails")}><code>${attempt.problem}</code> ·
    ${t("contract.tries", { n: attempt.failures })}<//>`
  : html`<${Notice} kind="warn" title=${t("contract.sending")} />`);

/** @param {{ kind: string, title: string, testId?: string, children?: unknown }} props */
const Notice = ({ kind, title, testId, children }) => html`<div class=${`notice ${kind}`} data-testid=${testId}>
  <strong>${title}</strong> <div>${children}</div></div>`;
