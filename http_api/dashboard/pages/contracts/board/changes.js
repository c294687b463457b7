// What a push changes on the board, as a pure step from one board to the next.

/** The board as it was read, each column with the place down to which the server has told it. */
export function readBoard(answer) {
  const columns = answer.columns.map((column) => ({ ...column, last: column.cards.at(-1)?.id }));
  return { ...answer, columns };
}

/** More cards of one column, below those that are there. */
export function extended(board, { status, count, cards }) {
  return changed(board, status, (column) => {
    const known = new Set(column.cards.map(({ id }) => id));
    const more = cards.filter(({ id }) => !known.has(id));
    return { ...column, count, cards: [...column.cards, ...more], last: cards.at(-1)?.id ?? column.last };
  });
}

export const cardsById = (board) => new Map(board.columns.flatMap(({ cards }) => cards).map((card) => [card.id, card]));

/** `shown`: whether the card belongs to what is asked for. The same board comes back when this is no news. */
export function applied(board, push, shown) {
  const { card } = push;
  const known = board.columns.flatMap(({ cards }) => cards).find(({ id }) => id === card.id);
  if (known) return known.version >= card.version ? board : withKnown(board, known, push, shown);
  // Everything until then is in the counts already.
  return Date.parse(push.at) <= Date.parse(board.at) ? board : withUnknown(board, push, shown);
}

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

/** A card further down than was read, or one that is new here. */
function withUnknown(board, { card, at, from, cause, formerOwnerId }, shown) {
  const moved = from && from !== card.contractStatus;
  const left = moved ? changed(board, from, (column) => ({ ...column, count: Math.max(0, column.count - 1) })) : board;
  return shown && (moved || cause === "created" || formerOwnerId) ? withArrival(left, card, at) : left;
}

function withArrival(board, card, at) {
  return changed(board, card.contractStatus, (column) => ({
    ...column, count: column.count + 1, cards: [{ ...card, arrived: at }, ...column.cards],
  }));
}

function changed(board, status, edit) {
  return { ...board, columns: board.columns.map((column) => (column.status === status ? edit(column) : column)) };
}
