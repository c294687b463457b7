// The cards of the board and the counts of its columns: pure steps from one board to the next.

/** @typedef {Rest.CustomerAnswer} Customer */
/**
 * `list`: all cards that were read, in their order. `unread`: how many more each column has on the server.
 * @typedef {{ list: Customer[], unread: Record<string, number>, pages: Record<string, number> }} Board
 */

/**
 * @param {string[]} stages
 * @param {{ list: Customer[], total: number }[]} answers one for each stage
 * @returns {Board}
 */
export function boardOf(stages, answers) {
  const unread = Object.fromEntries(stages.map((stage, index) =>
    [stage, answers[index].total - answers[index].list.length]));
  const pages = Object.fromEntries(stages.map((stage) => [stage, 1]));
  return { list: answers.flatMap(({ list }) => list), unread, pages };
}

/**
 * @param {Board} board
 * @param {string} stage
 */
export const cardsIn = (board, stage) => board.list.filter(({ contractStatus }) => contractStatus === stage);

/**
 * The board with a customer as it is now: at the top of its column when it comes from another one, else in its place.
 * @param {Board} board
 * @param {Customer} card
 * @returns {Board}
 */
export function withCard(board, card) {
  const known = board.list.find(({ id }) => id === card.id);
  if (known?.contractStatus === card.contractStatus) {
    return { ...board, list: board.list.map((each) => (each.id === card.id ? card : each)) };
  }
  return { ...board, list: [card, ...board.list.filter(({ id }) => id !== card.id)] };
}

/**
 * The board with the next page of a column, below its cards.
 * @param {Board} board
 * @param {string} stage
 * @param {{ list: Customer[], total: number, page: number }} answer
 * @returns {Board}
 */
export function withMore(board, stage, { list, total, page }) {
  const known = new Set(board.list.map(({ id }) => id));
  const next = { ...board, list: [...board.list, ...list.filter(({ id }) => !known.has(id))] };
  return {
    ...next,
    unread: { ...board.unread, [stage]: Math.max(0, total - cardsIn(next, stage).length) },
    pages: { ...board.pages, [stage]: page },
  };
}
