// A list that was read from the server and follows its events: changed rows are marked and read again where they stand,
// new ones are counted, nothing moves under the reader's hand.
import { useEffect, useRef, useState } from "./view.js";

const GATHER_MS = 400; // several changes of one row in a moment cost one read
const BETWEEN_MS = 1_000; // a busy day must not use up the reader's allowance of requests
const AT_ONCE = 4;

/**
 * What happened lately to which row, by id. A mark stays for `forMs`, or until `clear` without it.
 * @template Mark
 * @param {number} [forMs]
 */
export function useMarks(forMs) {
  const [marks, setMarks] = useState(/** @type {Record<string, Mark | undefined>} */ ({}));
  const latest = useRef(new Map()); // id -> the mark that may be taken away when its time is over
  const timers = useRef(new Set());
  useEffect(() => () => timers.current.forEach(clearTimeout), []);

  /** @param {string} id @param {Mark} what */
  function mark(id, what) {
    const own = Symbol(id);
    latest.current.set(id, own);
    setMarks((before) => ({ ...before, [id]: what }));
    if (!forMs) return;
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      if (latest.current.get(id) === own) setMarks((before) => ({ ...before, [id]: undefined }));
    }, forMs);
    timers.current.add(timer);
  }
  return { marks, mark, clear: () => setMarks({}) };
}

/**
 * `list`: the resource (see useResource) whose data has the rows under the name `rows`. `key`: what was asked for; another
 * one forgets all marks and newcomers. `read(id)` reads one row again. `fresh`: how many rows are new since the list was
 * read, which says nothing of a filter.
 */
export function useLiveList({ list, key, read, rows = "list", idOf = ({ id }) => id, markedMs }) {
  const { marks, mark, clear: clearMarks } = useMarks(markedMs);
  const [newcomers, setNewcomers] = useState(new Set());
  const waiting = useRef(new Map()); // id -> what to mark the row with once it is read again
  const timer = useRef(null);
  const shown = useRef([]);
  shown.current = list.data?.[rows] ?? [];
  useEffect(() => clear, [key]);

  const find = (id) => shown.current.find((row) => idOf(row) === id);

  function clear() {
    clearTimeout(timer.current);
    timer.current = null;
    waiting.current.clear();
    clearMarks();
    setNewcomers(new Set());
  }
  function reload() {
    clear();
    list.reload();
  }
  /** Shows `row` in place of the one with its id. */
  function replace(row, what = "updated") {
    list.change((data) => ({ ...data, [rows]: data[rows].map((each) => (idOf(each) === idOf(row) ? row : each)) }));
    mark(idOf(row), what);
  }
  function refresh(id, what = "updated") {
    waiting.current.set(id, what);
    timer.current ??= setTimeout(readWaiting, GATHER_MS);
  }
  async function readWaiting() {
    const batch = [...waiting.current].slice(0, AT_ONCE);
    for (const [id] of batch) waiting.current.delete(id);
    await Promise.all(batch.map(async ([id, what]) => {
      try {
        replace(await read(id), what);
      } catch {
        mark(id, "stale"); // tells the reader that this row may have changed
      }
    }));
    timer.current = waiting.current.size ? setTimeout(readWaiting, BETWEEN_MS) : null;
  }

  const fresh = [...newcomers].filter((id) => !find(id)).length;
  const newcomer = (id) => setNewcomers((before) => new Set(before).add(id));
  return { marks, fresh, find, mark, newcomer, replace, refresh, reload, clear };
}
