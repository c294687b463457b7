// Notifications that were read from the server and follow the pushes: new ones are counted, and no row moves.
import { get } from "../../lib/api.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { toastError } from "../../components/toast.js";
import { listQuery, matches } from "./query.js";
import { readAll, readRow } from "./own.js";
import { afterRead, newsOf } from "./rows.js";

const MARKED_MS = 6_000;

/** @param {import("../../lib/query.js").Query} query */
export function useNotices(query) {
  const asked = listQuery(query);
  const key = JSON.stringify(asked);
  /** @type {import("../../lib/hooks.js").Resource<Rest.NotificationPage>} */
  const list = useResource(key, (signal) => get("/notifications", asked, signal));
  /** @type {ReturnType<typeof useLiveList<Rest.Notification>>} */
  const live = useLiveList({ list, key, markedMs: MARKED_MS });
  const rows = list.data?.list ?? [];

  /** @param {Push.Notification} row */
  function arrived(row) {
    const news = newsOf(rows, row);
    if (news === "merged") live.replace(row);
    else if (news === "new" && matches(row, query)) live.newcomer(row.id);
  }
  /** @param {Push.ReadPush} push */
  function wereRead(push) {
    list.change((data) => ({ ...data, list: afterRead(data.list, push) }));
    if (list.loading) list.reload(); // the answer on its way may be older
  }
  useNamespace("/notifications", { notification: arrived, notificationsRead: wereRead, gap: live.reload });

  /**
   * Shown as read at once, and as it is when the server refuses.
   * @param {Rest.Notification} row
   */
  function read(row) {
    readRow(row).catch((error) => { toastError(error); live.reload(); });
    list.change((data) => ({ ...data, list: afterRead(data.list, { ids: [row.id], before: null }) }));
  }
  return { list, live, rows, read, readAll: () => readAll(asked.page === 1 ? rows[0]?.createdAt : undefined) };
}
