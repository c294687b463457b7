// Steps from one list of rows to the next, for forms that edit ordered rows. Pure functions.

/**
 * @template Row
 * @param {Row[]} rows
 * @param {number} index
 * @param {Partial<Row>} change
 */
export const withChange = (rows, index, change) =>
  rows.map((row, place) => (place === index ? { ...row, ...change } : row));

/**
 * @template Row
 * @param {Row[]} rows
 * @param {number} index
 */
export const without = (rows, index) => rows.filter((_, place) => place !== index);

/**
 * The row one place further up (-1) or down (1); the same list at its ends.
 * @template Row
 * @param {Row[]} rows
 * @param {number} index
 * @param {-1 | 1} by
 */
export function withMove(rows, index, by) {
  const to = index + by;
  if (to < 0 || to >= rows.length) return rows;
  const next = [...rows];
  [next[index], next[to]] = [next[to], next[index]];
  return next;
}
