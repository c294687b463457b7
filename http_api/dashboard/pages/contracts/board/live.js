// A board that moves by itself: read once, then kept true by what the server tells.
import { useEffect, useRef, useState } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { useNamespace } from "../../../lib/live.js";
import { session } from "../../../lib/session.js";
import { toastError } from "../../../components/toast.js";
import { applied, cardsById, extended, readBoard } from "./changes.js";
import { filtersOf, fits } from "../filters.js";
import { parties, seesAll } from "../words.js";

const MARKED_MS = 45_000;

/** `marks`: contract id to what happened to it; `said`: the last change in words, for whoever listens. */
export function useBoard(query) {
  const asked = filtersOf(query);
  const key = JSON.stringify(asked);
  const read = useResource(key, async (signal) => readBoard(await get("/contracts/board", asked, signal)));
  const { marks, mark, forget } = useMarks();
  const [said, setSaid] = useState("");
  const ownId = useOwnScope();
  const board = useRef(null);
  board.current = read.data;
  useEffect(forget, [key]);

  function heard(push) {
    if (!board.current) return;
    const known = cardsById(board.current).get(push.contractId);
    const shown = fits(push.card, query, ownId, Boolean(known));
    if (known ? known.version < push.version : shown) {
      mark(push.contractId, push);
      setSaid(spoken(push));
    }
    read.change((before) => applied(before, push, shown));
  }
  // The snapshot comes with every connection that could not go on where the last one ended.
  useNamespace("/contracts", { contractStatus: heard, contractChanged: heard, snapshot: read.reload });

  async function more(status) {
    const column = board.current.columns.find((each) => each.status === status);
    try {
      const page = await get(`/contracts/board/${status}`, { ...asked, olderThan: column.last });
      read.change((before) => extended(before, page));
    } catch (error) {
      toastError(error);
    }
  }
  return { ...read, outdated: read.stale && read.key !== key, marks, said, more };
}

/** Whoever sees their own contracts only is told when one goes to somebody else. */
export function useOwnScope() {
  const { user } = session.get();
  return seesAll(user) ? "" : user.id;
}

/** What changed stays marked for a while. */
export function useMarks() {
  const [marks, setMarks] = useState({});
  const timers = useRef(new Set());
  useEffect(() => () => timers.current.forEach(clearTimeout), []);

  function mark(id, { cause, from, to, note, version }) {
    setMarks((before) => ({ ...before, [id]: { kind: kindOf(cause, from, to), from, to, note, version } }));
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setMarks((before) => (before[id]?.version === version ? { ...before, [id]: undefined } : before));
    }, MARKED_MS);
    timers.current.add(timer);
  }
  return { marks, mark, forget: () => setMarks({}) };
}

function kindOf(cause, from, to) {
  if (from && from !== to) return "moved";
  return { created: "fresh", signer: "signed" }[cause] ?? "updated";
}

function spoken({ card, from, to, note }) {
  const what = from ? `${t(`contractStatus.${from}`)} → ${t(`contractStatus.${to}`)}` : note;
  return [parties(card), what].filter(Boolean).join("：");
}
