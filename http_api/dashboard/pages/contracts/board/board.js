// The contracts as columns by status.
import { html, useMemo, useState } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { number } from "../../../lib/format.js";
import { useNow } from "../../../lib/hooks.js";
import { setQuery } from "../../../lib/router.js";
import { Button } from "../../../components/button.js";
import { Icon } from "../../../components/icons.js";
import { LiveNumber } from "../../../components/live-number.js";
import { Failure } from "../../../components/states.js";
import { ContractCard } from "./card.js";
import { cardsById, shownTime } from "./changes.js";
import { useHoverFreeze } from "./hover-freeze.js";
import { COLUMNS } from "../words.js";

/** @typedef {import("./changes.js").Board} Board */
/** @typedef {import("./changes.js").Card} Card */
/** @typedef {{ name: string, count: number | null, cards: Card[] | null, unread: string[] }} ShownColumn */

const SKELETON_CARDS = 3;
const NARROW = "(max-width: 1599px)";
const PHONE = "(max-width: 859px)"; // one column at a time, chosen by its tab

/**
 * @param {{ board: ReturnType<typeof import("./use-board.js").useBoard>, query: import("../../../lib/router.js").Query,
 * owners: Map<string, string>, open: (id: string) => void }} props
 */
export function ContractBoard({ board, query, owners, open }) {
  const { data, error, outdated, marks, said, more, reload } = board;
  const [folded, setFolded] = useState(() => new Set(matchMedia(NARROW).matches ? ["ended"] : []));
  const now = useNow();
  const onPhone = matchMedia(PHONE).matches;
  const columns = useMemo(() => gathered(data), [data]);
  const all = useMemo(() => data && cardsById(data), [data]);
  if (error && !data) return html`<section class="panel"><${Failure} error=${error} retry=${reload} /></section>`;

  const chosen = COLUMNS.some(({ name }) => name === query.column) ? query.column : "signing";
  /** @param {string} name */
  function fold(name) {
    const next = new Set(folded);
    if (!next.delete(name)) next.add(name);
    setFolded(next);
  }
  return html`<div class=${`board ${outdated ? "stale" : ""}`} aria-busy=${!data || outdated} data-testid="board">
    <div class="board-tabs" role="group" aria-label=${t("contracts.columns")}>${columns.map(({ name, count }) => html`
      <button type="button" key=${name} aria-pressed=${name === chosen}
        onClick=${() => setQuery({ column: name }, { replace: true })} data-testid=${`tab-${name}`}>
        ${t(`contractColumn.${name}`)} <span class="numeric">${number(count)}</span></button>`)}</div>
    <div class="board-columns">${columns.map((column) => html`<${Column} key=${column.name} column=${column}
      all=${all} marks=${marks} owners=${owners} now=${now} open=${open} more=${more}
      folded=${!onPhone && folded.has(column.name)} fold=${() => fold(column.name)}
      chosen=${column.name === chosen} />`)}</div>
    <p class="visually-hidden" role="status" aria-live="polite">${said}</p>
  </div>`;
}

/** @type {(one: import("./changes.js").Card, other: import("./changes.js").Card) => number} */
const byTime = (one, other) => Date.parse(shownTime(other)) - Date.parse(shownTime(one));

/**
 * The server's columns, one for each status, put together as the board shows them.
 * @param {Board | null} data
 * @returns {ShownColumn[]}
 */
function gathered(data) {
  return COLUMNS.map(({ name, statuses }) => {
    if (!data) return { name, count: null, cards: null, unread: [] };
    const parts = data.columns.filter(({ status }) => statuses.includes(status));
    return {
      name,
      count: parts.reduce((sum, { count }) => sum + count, 0),
      cards: parts.flatMap(({ cards }) => cards).sort(byTime),
      unread: parts.filter(({ cards, count }) => cards.length < count).map(({ status }) => status),
    };
  });
}

/**
 * @param {{ column: ShownColumn, all: Map<string, Card> | null, marks: import("../../../lib/live-list.js").Marks,
 * owners: Map<string, string>, now: number, open: (id: string) => void,
 * more: (status: string) => Promise<void>, folded: boolean, fold: () => void, chosen: boolean }} props
 */
function Column({ column, all, marks, owners, now, open, more, folded, fold, chosen }) {
  const { name, count, cards, unread } = column;
  const hold = useHoverFreeze(cards?.map(({ id }) => id) ?? []);
  const title = t(`contractColumn.${name}`);
  const classes = ["board-column", folded && "folded", chosen && "chosen"].filter(Boolean).join(" ");
  const id = `column-${name}`;
  return html`<section class=${classes} aria-labelledby=${id} data-testid=${id}>
    <h2 id=${id} class="column-head"><button type="button" class="column-fold" onClick=${fold} aria-expanded=${!folded}
      title=${t(folded ? "contracts.unfold" : "contracts.fold")}>
      <span class=${`column-dot ${name}`} aria-hidden="true"></span><span class="column-title">${title}</span>
      ${count === null ? "" : html`<${LiveNumber} value=${count} testId=${`count-${name}`} />`}
      <span class="fold-icon"><${Icon} name=${folded ? "right" : "left"} size=${14} /></span></button></h2>
    ${!folded && html`<div class="column-body" ref=${hold.list} ...${hold.handlers}>
      ${hold.fresh > 0 && html`<div class="column-pill" aria-live="polite"><button type="button" class="pill"
        onClick=${hold.showAll}>${t("contracts.fresh", { n: hold.fresh })}</button></div>`}
      ${cards ? html`<${Cards} name=${name} ids=${hold.ids} all=${all} marks=${marks} owners=${owners} now=${now}
        open=${open} />` : html`<${Waiting} />`}
      ${unread.length > 0 && html`<${Button} small kind="ghost"
        label=${t("contracts.more", { n: number((count ?? 0) - (cards?.length ?? 0)) })}
        action=${() => Promise.all(unread.map(more)).then(hold.letIn)} testId=${`more-${name}`} />`}
    </div>`}
  </section>`;
}

/**
 * @param {{ name: string, ids: string[], all: Map<string, import("./changes.js").Card> | null,
 * marks: import("../../../lib/live-list.js").Marks, owners: Map<string, string>, now: number,
 * open: (id: string) => void }} props
 */
function Cards({ name, ids, all, marks, owners, now, open }) {
  const statuses = COLUMNS.find((column) => column.name === name)?.statuses ?? [];
  // Cards that left the board while the column was frozen are shown as they were.
  const last = useMemo(() => /** @type {Map<string, import("./changes.js").Card>} */ (new Map()), []);
  const shown = ids.flatMap((id) => all?.get(id) ?? last.get(id) ?? []);
  for (const card of shown) last.set(card.id, card);
  if (!shown.length) return html`<p class="column-empty muted small-text">${t(`contractEmpty.${name}`)}</p>`;
  return html`<ol class="column-cards">${shown.map((card) => {
    const gone = statuses.includes(card.contractStatus) ? all?.has(card.id) ? null : "left" : card.contractStatus;
    return html`<${ContractCard} key=${card.id} card=${card} mark=${marks[card.id]} gone=${gone}
      owner=${owners.get(card.ownerId) ?? ""} now=${now} open=${open} />`;
  })}</ol>`;
}

const Waiting = () => html`<div role="status" aria-label=${t("state.loading")}>
  ${Array.from({ length: SKELETON_CARDS }, (_, index) => html`<div key=${index} class="board-card waiting">
    <span class="skeleton"></span><span class="skeleton"></span><span class="skeleton"></span></div>`)}</div>`;
