// A customer as a card of the board.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { relative } from "../../../lib/format.js";
import { Avatar } from "../../../components/avatar.js";
import { Select } from "../../../components/select.js";
import { GONE } from "../table.js";
import { Falling } from "../falling.js";
import { demandOf, followUpKind, nameOf, ownerOf, shortLevel } from "../words.js";

/** @typedef {import("./cards.js").Customer} Customer */

/**
 * @param {{ card: Customer, mark?: import("../../../lib/live-list.js").Mark, busy: boolean, now: number,
 *   enums: import("../enums.js").Enums, open: (id: string) => void,
 *   move: (card: Customer, stage: Rest.Stage) => void, drag: (card: Customer | null) => void }} props
 */
export function CustomerCard({ card, mark, busy, now, enums, open, move, drag }) {
  const gone = GONE.has(mark?.kind ?? "");
  const movable = card.nextStages.length > 0 && !busy && !gone;
  const owner = ownerOf(card);
  /** @param {DragEvent} event */
  function start(event) {
    event.dataTransfer?.setData("text/plain", card.customerId); // Firefox drags nothing without data
    drag(card);
  }
  return html`<li class=${["board-card", mark && "marked", gone && "gone", busy && "busy"].filter(Boolean).join(" ")}
    draggable=${movable} onDragStart=${start} onDragEnd=${() => drag(null)} data-testid=${`card-${card.customerId}`}>
    <button type="button" class="card-press" disabled=${gone} onClick=${() => open(card.id)}>
      <span class="card-line"><strong class="card-people">${nameOf(card)}</strong>
        <span class="level" title=${t(`leadLevel.${card.leadLevel}`)}>${shortLevel(card.leadLevel)}</span></span>
      <span class="muted small-text">${demandOf(card, enums) || enums.labelOf("leadSource", card.leadSource)}</span>
      ${card.followUpStatus && html`<span class=${`small-text follow-up ${followUpKind(card.followUpStatus)}`}>
        ${t(`followUpStatus.${card.followUpStatus}`)}</span>`}
      <${Falling} customer=${card} now=${now} />
      <span class="card-line card-foot"><span class="card-owner"><${Avatar} name=${owner} seed=${card.assignedTo ?? ""}
        size=${18} /><span>${owner}</span></span>
        ${mark ? html`<span class=${`mark ${mark.kind}`}>${t(`customerMark.${mark.kind}`)}</span>`
          : html`<time datetime=${card.lastActivityAt}>${relative(card.lastActivityAt, now)}</time>`}</span>
    </button>
    ${movable && html`<${Select} label=${t("customers.moveCard", { name: nameOf(card) })} value="" className="card-move"
      choose=${(/** @type {Rest.Stage} */ stage) => move(card, stage)} data-testid=${`move-${card.customerId}`}
      options=${[["", t("customers.move")], ...card.nextStages.map((stage) => [stage, t(`customerStage.${stage}`)])]} />`}
  </li>`;
}
