// The live board: read once, then changed by the pushes.
import { useEffect, useRef, useState } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { useNamespace } from "../../../lib/live.js";
import { useMarks } from "../../../lib/live-list.js";
import { toastError } from "../../../components/toast.js";
import { cardsById, readBoard, withMore, withPush } from "./changes.js";
import { MARKED_MS, markOf } from "../marks.js";
import { filtersOf, matches } from "../query.js";
import { ownScope } from "../scope.js";
import { parties } from "../words.js";

/**
 * `said`: the last change in words, for screen readers.
 * @param {import("../../../lib/router.js").Query} query
 */
export function useBoard(query) {
  const asked = filtersOf(query);
  const key = JSON.stringify(asked);
  const read = useResource(key, async (signal) => readBoard(await get("/contracts/board", asked, signal)));
  const { marks, mark, clear } = useMarks(MARKED_MS);
  const [said, setSaid] = useState("");
  const ownId = ownScope();
  const board = useRef(/** @type {import("./changes.js").Board | null} */ (null));
  board.current = read.data;
  useEffect(clear, [key]);

  /** @param {Push.ContractChangedPush} push */
  function onChange(push) {
    if (!board.current) return;
    const known = cardsById(board.current).get(push.contractId);
    const shown = matches(push.card, query, ownId, Boolean(known));
    if (known ? known.version < push.version : shown) {
      mark(push.contractId, markOf(push));
      setSaid(spoken(push));
    }
    read.change((before) => withPush(before, push, shown));
  }
  // A snapshot comes with every connection that could not resume the last one.
  useNamespace("/contracts", { contractStatus: onChange, contractChanged: onChange, snapshot: read.reload });

  /** @param {string} status */
  async function more(status) {
    const column = board.current?.columns.find((each) => each.status === status);
    try {
      const page = await get(`/contracts/board/${status}`, { ...asked, olderThan: column?.last });
      read.change((before) => withMore(before, page));
    } catch (error) {
      toastError(error);
    }
  }
  return { ...read, outdated: read.stale && read.key !== key, marks, said, more };
}

/** @param {{ card: Push.ContractCard, from?: string, to?: string, note: string }} push */
function spoken({ card, from, to, note }) {
  const what = from ? `${t(`contractStatus.${from}`)} → ${t(`contractStatus.${to}`)}` : note;
  return [parties(card), what].filter(Boolean).join("：");
}
