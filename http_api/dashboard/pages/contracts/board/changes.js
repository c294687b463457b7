// Changes of the board by a push: a pure step from one board to the next.

/** @typedef {Push.ContractCard & { arrived?: string }} Card `arrived`: when a push brought it into its column */
/**
 * `last`: id of the last card that the server gave.
 * @typedef {{ status: Rest.ContractStatus, count: number, cards: Card[], last?: string }} Column
 */
/**
 * The time that a card shows, and by which its column is ordered.
 * @param {Card} card
 */
export const shownTime = (card) => card.arrived ?? card.createdAt;

/** @typedef {{ columns: Column[], at: string, endingSoon: number, serviceExpired: number }} Board */
/** @typedef {{ card: Card, at: string, cause: string, from?: string, formerOwnerId?: string }} BoardPush */

/**
 * The board as it was read, each column with the last card that the server gave.
 * @param {Rest.BoardAnswer} answer
 * @returns {Board}
 */
export function readBoard(answer) {
  const columns = answer.columns.map((column) => ({ ...column, last: column.cards.at(-1)?.id }));
  return { ...answer, columns };
}

/**
 * The board with more cards of one column, below those that are there.
 * @param {Board} board
 * @param {Rest.BoardColumnAnswer} page
 */
export function withMore(board, { status, count, cards }) {
  return changed(board, status, (column) => {
    const known = new Set(column.cards.map(({ id }) => id));
    const more = cards.filter(({ id }) => !known.has(id));
    return { ...column, count, cards: [...column.cards, ...more], last: cards.at(-1)?.id ?? column.last };
  });
}

/** @param {Board} board */
export const cardsById = (board) => new Map(board.columns.flatMap(({ cards }) => cards).map((card) => [card.id, card]));

/**
 * The board after a push; the same board when the push is no news. `shown`: whether the card matches the filters.
 * @param {Board} board
 * @param {BoardPush} push
 * @param {boolean} shown
 * @returns {Board}
 */
export function withPush(board, push, shown) {
  const { card } = push;
  const known = board.columns.flatMap(({ cards }) => cards).find(({ id }) => id === card.id);
  if (known) return known.version >= card.version ? board : withKnown(board, known, push, shown);
  // Changes until the board was read are in its counts already.
  return Date.parse(push.at) <= Date.parse(board.at) ? board : withUnknown(board, push, shown);
}

/**
 * @param {Board} board
 * @param {Card} known
 * @param {BoardPush} push
 * @param {boolean} shown
 */
function withKnown(board, known, { card, at }, shown) {
  const from = known.contractStatus;
  const to = card.contractStatus;
  if (shown && from === to) {
    const next = { ...card, arrived: known.arrived };
    return changed(board, from, (column) => ({
      ...column, cards: column.cards.map((each) => (each.id === card.id ? next : each)),
    }));
  }
  const without = changed(board, from, (column) => ({
    ...column, count: column.count - 1, cards: column.cards.filter(({ id }) => id !== card.id),
  }));
  return shown ? withArrival(without, card, at) : without;
}

/**
 * A card below those that were read, or one that is new on the board.
 * @param {Board} board
 * @param {BoardPush} push
 * @param {boolean} shown
 */
function withUnknown(board, { card, at, from, cause, formerOwnerId }, shown) {
  const moved = from && from !== card.contractStatus;
  const left = moved ? changed(board, from, (column) => ({ ...column, count: Math.max(0, column.count - 1) })) : board;
  return shown && (moved || cause === "created" || formerOwnerId) ? withArrival(left, card, at) : left;
}

/**
 * @param {Board} board
 * @param {Card} card
 * @param {string} at
 */
function withArrival(board, card, at) {
  return changed(board, card.contractStatus, (column) => ({
    ...column, count: column.count + 1, cards: [{ ...card, arrived: at }, ...column.cards],
  }));
}

/**
 * @param {Board} board
 * @param {string} status
 * @param {(column: Column) => Column} edit
 * @returns {Board}
 */
function changed(board, status, edit) {
  return { ...board, columns: board.columns.map((column) => (column.status === status ? edit(column) : column)) };
}
