// Edits of one record by two people. Pure functions.

/**
 * The typed values after another person's edit: fields that were not touched take the new values, so that saving again
 * does not undo it; what was typed stays.
 * @template {Record<string, any>} Values
 * @param {Values} typed
 * @param {Values} before as the form was filled
 * @param {Values} after as they are stored now
 * @returns {Values}
 */
export const rebased = (typed, before, after) => /** @type {any} */ (Object.fromEntries(
  Object.entries(typed).map(([name, value]) => [name, value === before[name] ? after[name] : value])));
