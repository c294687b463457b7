// Keeps an open user list true: counts newcomers, reads changed rows again one by one, and marks them where they stand.
import { useEffect, useRef, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { useNamespace } from "../../lib/live.js";

const GATHER_MS = 400; // several changes of one user in a moment cost one read
const BETWEEN_MS = 1_000; // a busy day must not use up what this reader may ask for
const AT_ONCE = 4;

/** `fresh`: how many users registered since the list was read; whether they fit a filter, their event does not say.
 * `marks`: user id to what happened. */
export function useUserChanges({ list, key, reload, changed }) {
  const [marks, setMarks] = useState({});
  const [newcomers, setNewcomers] = useState(new Set());
  const waiting = useRef(new Map()); // user id -> the change to mark it with
  const timer = useRef(null);
  const rows = useRef([]);
  rows.current = list.data?.list ?? [];
  useEffect(() => clear, [key]);

  function clear() {
    clearTimeout(timer.current);
    timer.current = null;
    waiting.current.clear();
    setMarks({});
    setNewcomers(new Set());
  }
  const mark = (id, what) => setMarks((before) => ({ ...before, [id]: what }));

  function replace(user, what = "updated") {
    list.change((page) => ({ ...page, list: page.list.map((row) => (row.id === user.id ? user : row)) }));
    mark(user.id, user.deleted ? "deleted" : what);
  }

  function onChange({ userId, change, version }) {
    changed(userId, change);
    const row = rows.current.find(({ id }) => id === userId);
    if (!row) {
      if (change === "registered") setNewcomers((before) => new Set(before).add(userId));
      return;
    }
    if (change === "deleted") return mark(userId, "deleted");
    if (version <= row.version) return; // our own change, shown already
    waiting.current.set(userId, change);
    timer.current ??= setTimeout(readWaiting, GATHER_MS);
  }

  async function readWaiting() {
    const batch = [...waiting.current].slice(0, AT_ONCE);
    for (const [id] of batch) waiting.current.delete(id);
    await Promise.all(batch.map(async ([id, change]) => {
      try {
        replace(await get(`/miniprogram-users/${id}`), change);
      } catch {
        mark(id, "stale"); // the reader sees that this row is no longer sure
      }
    }));
    timer.current = waiting.current.size ? setTimeout(readWaiting, BETWEEN_MS) : null;
  }

  useNamespace("/users", { userChanged: onChange, gap: reload });
  return { marks, fresh: newcomers.size, replace, clear };
}
