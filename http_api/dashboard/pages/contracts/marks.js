// How a change that was just heard of is marked on the board and in the list.

export const MARKED_MS = 45_000;

/** `kind` names the text and the colour: moved, fresh, signed or updated. */
export function markOf({ cause, from, to }) {
  if (from && from !== to) return { kind: "moved", to };
  return { kind: { created: "fresh", signer: "signed" }[cause] ?? "updated", to };
}
