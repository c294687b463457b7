// The live board: read once for each stage, then changed by events and by the reader's moves.
import { useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { useNamespace } from "../../../lib/live.js";
import { useLiveList } from "../../../lib/live-list.js";
import { toast, toastError } from "../../../components/toast.js";
import { differences } from "../differences.js";
import { effectOn } from "../effects.js";
import { filtersOf } from "../query.js";
import { nameOf } from "../words.js";
import { boardOf, withCard, withMore } from "./cards.js";

/** @typedef {import("./cards.js").Customer} Customer */

const PAGE_SIZE = 20;

/**
 * @param {import("../query.js").Query} query
 * @param {import("../enums.js").Enums} enums
 */
export function useBoard(query, enums) {
  const filters = filtersOf(query);
  const key = JSON.stringify(filters);
  /** @param {string} stage @param {number} page @param {AbortSignal} [signal] @returns {Promise<Rest.CustomerPage>} */
  const column = (stage, page, signal) => get("/customers",
    { ...filters, contractStatus: stage, page, pageSize: PAGE_SIZE, sortBy: "lastActivityAt" }, signal);
  /** @type {import("../../../lib/hooks.js").Resource<import("./cards.js").Board>} */
  const board = useResource(key, async (signal) => {
    const stages = catalogue.customerStages;
    return boardOf(stages, await Promise.all(stages.map((stage) => column(stage, 1, signal))));
  });
  /** @type {ReturnType<typeof useLiveList<Customer>>} */
  const live = useLiveList({ list: board, key, read });
  const [moving, setMoving] = useState(/** @type {ReadonlySet<string>} */ (new Set()));

  /** @param {string} id @returns {Promise<Customer>} */
  async function read(id) {
    const card = await get(`/customers/${id}`);
    show(card); // first: it may have come to another column
    return card;
  }
  /** @param {Customer} card */
  const show = (card) => board.change((before) => withCard(before, card));

  /** @param {Push.CustomerChangedPush} push */
  function onChange(push) {
    const id = push.customerId;
    const known = live.find(id);
    const effect = effectOn(push, known, false);
    if (effect === "changed") live.refresh(id);
    else if (effect === "deleted" || effect === "left") live.mark(id, { kind: effect });
    else if (effect === "new" || (!known && push.change === "stage")) live.newcomer(id);
  }
  useNamespace("/customers", { customerChanged: onChange, gap: live.reload });

  /**
   * Shown at once; taken back when the server refuses, and then the reader is told what happened meanwhile.
   * @param {Customer} card
   * @param {Rest.Stage} stage
   */
  async function move(card, stage) {
    if (moving.has(card.id)) return;
    setMoving((before) => new Set(before).add(card.id));
    show({ ...card, contractStatus: stage });
    try {
      const body = { contractStatus: stage, version: card.version };
      const { data } = await call("PATCH", `/customers/${card.id}`, { body });
      live.replace(data);
    } catch (error) {
      show(card);
      await tell(card, error);
    }
    setMoving((before) => new Set([...before].filter((id) => id !== card.id)));
  }
  /** @param {Customer} card @param {import("../../../lib/http.js").ApiError} error */
  async function tell(card, error) {
    const fresh = error.status === 409 ? await read(card.id).catch(() => null) : null;
    const lines = fresh ? differences(card, fresh, enums) : [];
    if (fresh) live.mark(card.id, { kind: "updated" });
    if (!lines.length) return toastError(error);
    return toast(t("customers.moveConflict", { name: nameOf(card), changes: lines.join("；") }), "failed");
  }

  /** @param {string} stage */
  async function more(stage) {
    try {
      const page = (board.data?.pages[stage] ?? 0) + 1;
      const answer = await column(stage, page);
      board.change((before) => withMore(before, stage, answer));
    } catch (error) {
      toastError(error);
    }
  }
  return { ...board, outdated: board.stale && board.key !== key, live, moving, move, more };
}
