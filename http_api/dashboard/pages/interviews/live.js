// Keeps an open list of rooms true: changed rooms are read again where they stand, new ones are counted.
import { useEffect, useRef, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { useNamespace } from "../../lib/live.js";

const GATHER_MS = 300; // several changes of one room in a moment cost one read

export function useInterviewChanges(list, key) {
  const [marks, setMarks] = useState({});
  const [newcomers, setNewcomers] = useState(new Set());
  const waiting = useRef(new Set());
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

  function replace(room, what = "updated") {
    list.change((page) => ({ ...page, list: page.list.map((row) => (row.roomId === room.roomId ? room : row)) }));
    setMarks((before) => ({ ...before, [room.roomId]: what }));
  }

  function onChange({ roomId }) {
    if (!rows.current.some((row) => row.roomId === roomId)) {
      setNewcomers((before) => new Set(before).add(roomId));
      return;
    }
    waiting.current.add(roomId);
    timer.current ??= setTimeout(readWaiting, GATHER_MS);
  }

  async function readWaiting() {
    const ids = [...waiting.current];
    waiting.current.clear();
    timer.current = null;
    await Promise.all(ids.map(async (id) => {
      try {
        replace(await get(`/interview/rooms/${encodeURIComponent(id)}`));
      } catch {
        setMarks((before) => ({ ...before, [id]: "stale" })); // the reader sees that this row is no longer sure
      }
    }));
  }

  useNamespace("/interviews", { interviewChanged: onChange, gap: list.reload });
  // One that was made here is told of, too, and may be in the list by then.
  const fresh = [...newcomers].filter((id) => !rows.current.some((row) => row.roomId === id)).length;
  return { marks, fresh, replace, clear };
}
