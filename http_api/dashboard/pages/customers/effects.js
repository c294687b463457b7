// Effects of a pushed change on a list of customers. Pure.

/** Changes that bring a customer into a list. */
const ARRIVALS = {
  list: new Set(["created", "assigned", "transferred", "claimed"]),
  pool: new Set(["released"]),
};

/**
 * `row`: the customer as the list shows it, if it does. Null: nothing to show.
 * @param {Pick<Push.CustomerChangedPush, "change" | "inPublicPool" | "version">} push
 * @param {{ version: number } | undefined} row
 * @param {boolean} pool whether the list is that of the pool
 * @returns {"new" | "deleted" | "left" | "changed" | null}
 */
export function effectOn({ change, inPublicPool, version }, row, pool) {
  const belongs = inPublicPool === pool;
  if (!row) return belongs && ARRIVALS[pool ? "pool" : "list"].has(change) ? "new" : null;
  if (version <= row.version) return null; // the reader's own change, which is shown already
  if (change === "deleted") return "deleted";
  return belongs ? "changed" : "left";
}
