// A contract as a card of the board.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { money, relative } from "../../../lib/format.js";
import { Icon } from "../../../components/icons.js";
import { Avatar } from "../../../components/avatar.js";
import { shownTime } from "./changes.js";
import { SignerPips } from "../signer-pips.js";
import { cancelNoteOf, endingOf, tagKindOf, nextSigner, typeText } from "../words.js";

/** @typedef {import("./changes.js").Card} Card */

/**
 * `gone`: the status that took the card out of this frozen column, or "left" when it left the board.
 * @param {{ card: Card, mark?: import("../../../lib/live-list.js").Mark, gone: string | null, owner: string,
 *   now: number, open: (id: string) => void }} props
 */
export function ContractCard({ card, mark, gone, owner, now, open }) {
  const classes = ["board-card", mark && "marked", gone && "gone"].filter(Boolean).join(" ");
  return html`<li class=${classes} key=${card.id} data-testid=${`card-${card.contractNumber}`}>
    <button type="button" class="card-press" onClick=${() => open(card.id)} title=${card.contractNumber}>
      <span class="card-line"><span class=${`card-type ${tagKindOf(card.contractStatus)}`}>${typeText(card)}</span>
        <time class="muted small-text" datetime=${shownTime(card)}>
          ${relative(shownTime(card), now)}</time></span>
      <strong class="card-people">${card.customerName}${card.workerName && html`<span class="arrow"
        aria-label=${t("contracts.with")}>→</span>${card.workerName}`}</strong>
      <span class="card-line numeric muted small-text"><${Amounts} card=${card} /></span>
      <${State} card=${card} />
      ${card.closure && html`<span class="contract-note warn">${t(`contractClosure.${card.closure}`)}</span>`}
      ${card.closure === "void" && html`<${Progress} card=${card} />`}
      <span class="card-line card-foot"><span class="card-owner"><${Avatar} name=${owner} seed=${card.ownerId}
        size=${18} /><span>${owner}</span></span>
        ${gone ? html`<span
          class="mark moved">→ ${gone === "left" ? t("contractMark.left") : t(`contractStatus.${gone}`)}
        </span>`
          : mark && html`<${Mark} mark=${mark} />`}</span>
    </button>
  </li>`;
}

/** @param {{ card: Card }} props */
function Amounts({ card }) {
  const fee = money(card.feeFen == null ? null : card.feeFen / 100);
  if (card.workerSalaryFen == null) return html`<span>${fee}</span>`;
  return html`<span>${t("contracts.pay", { amount: money(card.workerSalaryFen / 100) })}</span>
    <span>${t("contracts.fee", { amount: fee })}</span>`;
}

/** @param {{ card: Card }} props */
function State({ card }) {
  const ending = endingOf(card);
  switch (card.contractStatus) {
    case "signing":
      return html`<${Progress} card=${card} />`;
    case "signed":
      return html`<span class="contract-note info">${t("contracts.toBePaid")}</span>`;
    case "active":
      return card.endDate && html`<span class=${`contract-note ${ending ? "warn" : ""}`}>
        ${ending && html`<${Icon} name="alert" size=${14} />`}
        ${t(ending === "expired" ? "contracts.endedOn" : "contracts.until", { day: card.endDate })}</span>`;
    case "cancelled":
      return html`<span class="contract-note bad">${t(`cancelReason.${card.cancelReason ?? "failed"}`)}
        ${card.cancelNote && html`<span class="card-why">${cancelNoteOf(card)}</span>`}</span>`;
    case "draft":
      return card.startDate && html`<span class="contract-note">${t("contracts.from", { day: card.startDate })}</span>`;
    default:
      return html`<span class="contract-note">${t(`contractStatus.${card.contractStatus}`)}</span>`;
  }
}

/**
 * The parties that have signed the contract, or its voiding, and the next one.
 * @param {{ card: Card }} props
 */
function Progress({ card }) {
  const next = nextSigner(card.signers);
  return html`<span class="card-line"><${SignerPips} signers=${card.signers} />
    <span class="small-text muted">${next ? t("contracts.waitsFor", { name: next.name }) : t("contracts.sealing")}
    </span></span>`;
}

/** @param {{ mark: import("../../../lib/live-list.js").Mark }} props */
const Mark = ({ mark }) => html`<span class=${`mark ${mark.to === "cancelled" ? "blocked" : mark.kind}`}>
  ${t(`contractMark.${mark.kind}`)}</span>`;
