// The customers as columns by stage. A card is moved by dragging, or by its own choice of stages.
import { html, useState } from "../../../lib/view.js";
import { catalogue } from "../../../lib/catalogue.js";
import { t } from "../../../lib/i18n.js";
import { number } from "../../../lib/format.js";
import { useNow } from "../../../lib/hooks.js";
import { setQuery } from "../../../lib/router.js";
import { Button } from "../../../components/button.js";
import { FreshRows } from "../../../components/fresh-rows.js";
import { LiveNumber } from "../../../components/live-number.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { CustomerFilters } from "../filters.js";
import { stageKind } from "../words.js";
import { CustomerCard } from "./card.js";
import { cardsIn } from "./cards.js";
import { useBoard } from "./use-board.js";

/** @typedef {import("./cards.js").Customer} Customer */

/**
 * @param {{ query: import("../query.js").Query, enums: import("../enums.js").Enums, open: (id: string) => void,
 *   staff: Rest.AssigneeAnswer[] }} props
 */
export function CustomerBoard({ query, enums, open, staff }) {
  const board = useBoard(query, enums);
  const { data, error, live } = board;
  const [dragged, setDragged] = useState(/** @type {Customer | null} */ (null));
  const now = useNow();
  const stages = catalogue.customerStages;
  const chosen = stages.find((stage) => stage === query.column) ?? stages[0];
  /** @param {string} stage */
  const countOf = (stage) => (data ? cardsIn(data, stage).length + data.unread[stage] : null);
  return html`<section class="panel"><${CustomerFilters} query=${query} enums=${enums} staff=${staff} /></section>
    <${FreshRows} count=${live.fresh} text=${t("customers.freshCards", { n: live.fresh })} show=${live.reload}
      testId="new-cards" />
    ${error && !data ? html`<section class="panel"><${Failure} error=${error} retry=${live.reload} /></section>`
      : html`<div class=${`board customer-board ${board.outdated ? "stale" : ""}`} aria-busy=${!data || board.outdated}
        data-testid="customer-board">
        <div class="board-tabs" role="group" aria-label=${t("customers.stages")}>${stages.map((stage) => html`
          <button type="button" key=${stage} aria-pressed=${stage === chosen} data-testid=${`tab-${stage}`}
            onClick=${() => setQuery({ column: stage }, { replace: true })}>
            ${t(`customerStage.${stage}`)} <span class="numeric">${number(countOf(stage))}</span></button>`)}</div>
        <div class="board-columns">${stages.map((stage) => html`<${Column} key=${stage} stage=${stage} board=${board}
          count=${countOf(stage)} chosen=${stage === chosen} enums=${enums} open=${open} dragged=${dragged}
          drag=${setDragged} now=${now} />`)}</div>
      </div>`}`;
}

/**
 * @param {{ stage: Rest.Stage, board: ReturnType<typeof useBoard>, count: number | null, chosen: boolean,
 *   enums: import("../enums.js").Enums, open: (id: string) => void, dragged: Customer | null,
 *   drag: (card: Customer | null) => void, now: number }} props
 */
function Column({ stage, board, count, chosen, enums, open, dragged, drag, now }) {
  const { data, live, moving, move, more } = board;
  const takes = dragged?.nextStages.includes(stage) ?? false;
  const classes = ["board-column", chosen && "chosen", dragged && (takes ? "takes" : "refuses")];
  const id = `stage-column-${stage}`;
  /** @param {DragEvent} event */
  function drop(event) {
    event.preventDefault();
    if (dragged && takes) move(dragged, stage);
    drag(null);
  }
  return html`<section class=${classes.filter(Boolean).join(" ")} aria-labelledby=${id} data-testid=${`column-${stage}`}
    onDragOver=${(/** @type {DragEvent} */ event) => takes && event.preventDefault()} onDrop=${drop}>
    <h2 id=${id} class="column-head"><span class=${`column-dot ${stageKind(stage)}`} aria-hidden="true"></span>
      <span class="column-title">${t(`customerStage.${stage}`)}</span>
      ${count !== null && html`<${LiveNumber} value=${count} testId=${`count-${stage}`} />`}</h2>
    <div class="column-body">
      ${data ? html`<ol class="column-cards">${cardsIn(data, stage).map((card) => html`<${CustomerCard} key=${card.id}
          card=${card} mark=${live.marks[card.id]} busy=${moving.has(card.id)} now=${now} enums=${enums} open=${open}
          move=${move} drag=${drag} />`)}</ol>` : html`<${Skeleton} lines=${4} />`}
      ${data && count === 0 && html`<p class="column-empty muted small-text">${t("customers.noCards")}</p>`}
      ${data && data.unread[stage] > 0 && html`<${Button} small kind="ghost" testId=${`more-${stage}`}
        label=${t("customers.moreCards", { n: number(data.unread[stage]) })} action=${() => more(stage)} />`}
    </div></section>`;
}
