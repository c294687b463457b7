// A board that moves by itself: read once, then kept true by what the server tells.
import { useEffect, useRef, useState } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { useNamespace } from "../../../lib/live.js";
import { useMarks } from "../../../lib/live-list.js";
import { toastError } from "../../../components/toast.js";
import { applied, cardsById, extended, readBoard } from "./changes.js";
import { filtersOf, fits } from "../filters.js";
import { MARKED_MS, markOf } from "../marks.js";
import { ownScope } from "../scope.js";
import { parties } from "../words.js";

/** `marks`: contract id to what happened to it; `said`: the last change in words, for whoever listens. */
export function useBoard(query) {
  const asked = filtersOf(query);
  const key = JSON.stringify(asked);
  const read = useResource(key, async (signal) => readBoard(await get("/contracts/board", asked, signal)));
  const { marks, mark, clear } = useMarks(MARKED_MS);
  const [said, setSaid] = useState("");
  const ownId = ownScope();
  const board = useRef(null);
  board.current = read.data;
  useEffect(clear, [key]);

  function heard(push) {
    if (!board.current) return;
    const known = cardsById(board.current).get(push.contractId);
    const shown = fits(push.card, query, ownId, Boolean(known));
    if (known ? known.version < push.version : shown) {
      mark(push.contractId, markOf(push));
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

function spoken({ card, from, to, note }) {
  const what = from ? `${t(`contractStatus.${from}`)} → ${t(`contractStatus.${to}`)}` : note;
  return [parties(card), what].filter(Boolean).join("：");
}
