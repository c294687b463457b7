// A list that was read from the server and follows its events: changed rows are marked and read again in place, new
// ones are counted, and no row moves under the reader.
import { useEffect, useRef, useState } from "./view.js";
import { hadNoAnswer, repeat } from "./unanswered.js";

const GATHER_MS = 400; // several changes of one row in a moment cost one read
const BETWEEN_MS = 1_000; // a busy day must not use up the reader's allowance of requests
const AT_ONCE = 4;

/** @typedef {{ kind: string, to?: string }} Mark `kind`: the text and colour of the mark; `to`: a new status */
/** @typedef {Record<string, Mark | undefined>} Marks by the id of the row */

/**
 * The latest change of each row. A mark stays for `forMs`; without it, until `clear`.
 * @param {number} [forMs]
 */
export function useMarks(forMs) {
  const [marks, setMarks] = useState(/** @type {Marks} */ ({}));
  const timers = useRef(/** @type {Set<number>} */ (new Set()));
  useEffect(() => () => timers.current.forEach((timer) => clearTimeout(timer)), []);

  /** @param {string} id @param {Mark} what */
  function mark(id, what) {
    setMarks((before) => ({ ...before, [id]: what }));
    if (!forMs) return;
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setMarks((before) => (before[id] === what ? { ...before, [id]: undefined } : before));
    }, forMs);
    timers.current.add(timer);
  }
  return { marks, mark, clear: () => setMarks({}) };
}

/**
 * `list`: the resource whose data has the rows under the name `rows`. `key`: what was asked for; a change forgets all
 * marks and newcomers. `read(id)` reads one row again, for `refresh`. `fresh` in the answer: how many rows are new
 * since the list was read; whether they fit the filters is not known.
 * @template Row
 * @param {{ list: import("./hooks.js").Resource<any>, key: string, rows?: string, idOf?: (row: Row) => string,
 *   read?: (id: string) => Promise<Row>, markedMs?: number }} options
 */
export function useLiveList({ list, key, rows = "list", idOf = idOfRow, read, markedMs }) {
  const { marks, mark, clear: clearMarks } = useMarks(markedMs);
  const [newcomers, setNewcomers] = useState(/** @type {Set<string>} */ (new Set()));
  const waiting = useRef(/** @type {Map<string, string>} */ (new Map())); // id -> the kind of mark after the read
  const timer = useRef(/** @type {number | null} */ (null));
  const [lost, setLost] = useState(/** @type {string[]} */ ([])); // ids of rows whose read got no answer
  const shown = useRef(/** @type {Row[]} */ ([]));
  shown.current = list.data?.[rows] ?? [];
  useEffect(() => clear, [key]);
  useEffect(() => (lost.length ? repeat(() => lost.forEach((id) => refresh(id))) : undefined), [lost]);

  /** @param {string} id */
  const find = (id) => shown.current.find((row) => idOf(row) === id);
  /** @param {string} id */
  const newcomer = (id) => setNewcomers((before) => new Set(before).add(id));

  function clear() {
    if (timer.current) clearTimeout(timer.current);
    timer.current = null;
    waiting.current.clear();
    clearMarks();
    setNewcomers(new Set());
    setLost([]);
  }
  function reload() {
    clear();
    list.reload();
  }
  /**
   * Shows `row` in place of the one with its id.
   * @param {Row} row
   * @param {Mark} [marked]
   */
  function replace(row, marked = { kind: "updated" }) {
    const id = idOf(row);
    const current = (/** @type {Row} */ each) => (idOf(each) === id ? row : each);
    list.change((data) => ({ ...data, [rows]: data[rows].map(current) }));
    mark(id, marked);
  }
  /**
   * Reads the row again, soon and together with others.
   * @param {string} id
   */
  function refresh(id, kind = "updated") {
    waiting.current.set(id, kind);
    timer.current ??= setTimeout(readWaiting, GATHER_MS);
  }
  async function readWaiting() {
    const batch = [...waiting.current].slice(0, AT_ONCE);
    for (const [id] of batch) waiting.current.delete(id);
    await Promise.all(batch.map(async ([id, kind]) => {
      try {
        if (read) replace(await read(id), { kind });
        setLost((before) => without(before, id));
      } catch (error) {
        mark(id, { kind: "stale" }); // the row may have changed
        setLost((before) => (hadNoAnswer(error) ? [...without(before, id), id] : without(before, id)));
      }
    }));
    timer.current = waiting.current.size ? setTimeout(readWaiting, BETWEEN_MS) : null;
  }

  const fresh = [...newcomers].filter((id) => !find(id)).length;
  return { marks, fresh, find, mark, newcomer, replace, refresh, reload, clear };
}

/**
 * The same list when there is nothing to remove.
 * @param {string[]} ids @param {string} id
 */
const without = (ids, id) => (ids.includes(id) ? ids.filter((each) => each !== id) : ids);

/** @param {any} row */
const idOfRow = (row) => row.id;
