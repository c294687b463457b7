// The list of mini-program users. The address holds the view; changed rows are marked and do not move.
import { html, useMemo, useState } from "../../lib/view.js";
import { download, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { isPastTheEnd, pageOf, pageSizeOf } from "../../lib/paging.js";
import { route, setQuery } from "../../lib/router.js";
import { can } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { Empty, Failure } from "../../components/states.js";
import { toastError } from "../../components/toast.js";
import { useUserActions } from "./actions.js";
import { UserDrawer } from "./drawer.js";
import { UserFilters } from "./filters.js";
import { NO_FILTERS, filtersOf, hasFilters, validQuery } from "./query.js";
import { SORTS, UsersTable } from "./table.js";

/** @template T @typedef {import("../../lib/hooks.js").Resource<T>} Resource */
/** @template Row @typedef {ReturnType<typeof useLiveList<Row>>} LiveList */

const NEWEST_FIRST = "-createdAt";

export function Users() {
  const { query: given } = useStore(route);
  const query = useMemo(() => validQuery(given), [given]);
  const asked = useMemo(() => listQuery(query), [JSON.stringify(query)]);
  const key = JSON.stringify(asked);
  /** @type {Resource<Rest.UserPage>} */
  const list = useResource(key, (signal) => get("/miniprogram-users", asked, signal));
  const [revision, setRevision] = useState(0); // a higher one makes an open drawer read again
  /** @param {string} id */
  const open = (id) => setQuery({ user: id });
  const close = () => setQuery({ user: "" }, { replace: true });
  /** @type {LiveList<Rest.StaffUserAnswer>} */
  const live = useLiveList({ list, key, read: (id) => get(`/miniprogram-users/${id}`) });
  useNamespace("/users", { userChanged: onChange, gap: live.reload });
  const actions = useUserActions((user) => {
    live.replace(user, { kind: user.deleted ? "deleted" : "updated" });
    if (user.id === query.user) follow(user.deleted ? "deleted" : "updated");
  });
  const sort = asked.sort ?? NEWEST_FIRST;

  /** @param {Push.UserChangedPush} push */
  function onChange({ userId, change, version }) {
    if (userId === query.user) follow(change);
    const row = live.find(userId);
    if (!row) {
      if (change === "registered") live.newcomer(userId);
    } else if (change === "deleted") {
      live.mark(userId, { kind: "deleted" });
    } else if (version > row.version) { // else the reader's own change, which is shown already
      live.refresh(userId, change);
    }
  }

  /**
   * The drawer shows the account as it is now, and closes for one that was deleted.
   * @param {string} change
   */
  function follow(change) {
    if (change === "deleted") close();
    else setRevision((count) => count + 1);
  }

  function showNew() {
    live.clear();
    if (sort === NEWEST_FIRST && asked.page === 1) list.reload();
    else setQuery({ page: "", sort: "" });
  }

  return html`<div class="page">
    <div class="page-head">
      <div><h1>${t("users.title")}</h1><p class=${`muted ${list.stale ? "stale" : ""}`} aria-live="polite">
        ${list.data ? t("users.count", { n: number(list.data.total) }) : list.loading && t("state.loading")}</p></div>
      ${can("miniprogram-user:export") && html`<${Export} asked=${asked} total=${list.data?.total} />`}
    </div>
    <section class="panel list-panel">
      <${UserFilters} query=${query} />
      <${FreshRows} count=${hasFilters(query) ? 0 : live.fresh} text=${t("users.fresh", { n: live.fresh })}
        show=${showNew} testId="new-users" />
      <${Rows} list=${list} reload=${live.reload} query=${query} sort=${sort} marks=${live.marks} open=${open}
        ask=${actions.ask} />
      ${list.data && list.data.total > 0 && html`<${Pagination} total=${list.data.total} page=${list.data.page}
        pageSize=${list.data.pageSize} />`}
    </section>
    ${query.user && html`<${UserDrawer} key=${query.user} id=${query.user} revision=${revision} ask=${actions.ask}
      saved=${(/** @type {Rest.StaffUserAnswer} */ user) => live.replace(user)} close=${close} />`}
    ${actions.dialog}
  </div>`;
}

/**
 * @param {import("../../lib/router.js").Query} query
 * @returns {{ page: number, pageSize: number, sort?: string, [filter: string]: unknown }}
 */
function listQuery(query) {
  const pageSize = pageSizeOf(query);
  const sort = SORTS.includes(query.sort) ? { sort: query.sort } : {};
  return { page: pageOf(query), pageSize, ...filtersOf(query), ...sort };
}

/**
 * @param {{ list: Resource<Rest.UserPage>, reload: () => void, query: import("../../lib/router.js").Query,
 * sort: string, marks: import("../../lib/live-list.js").Marks, open: (id: string) => void,
 * ask: (kind: string, user: Rest.StaffUserAnswer) => void }} props
 */
function Rows({ list, reload, query, sort, marks, open, ask }) {
  const { data, error, stale } = list;
  if (isPastTheEnd(list, pageOf(query), data?.list)) return html`<${PastTheEnd} error=${error} />`;
  if (error && !data) return html`<${Failure} error=${error} retry=${reload} />`;
  if (data && data.list.length === 0 && !stale) {
    return hasFilters(query)
      ? html`<${Empty} title=${t("users.noneFound")} hint=${t("users.noneFoundHint")} actionLabel=${t("filter.clear")}
        action=${() => setQuery(NO_FILTERS)} />`
      : html`<${Empty} title=${t("users.none")} hint=${t("users.noneHint")} />`;
  }
  /** @param {string} wanted */
  const setSort = (wanted) => setQuery({ sort: wanted === NEWEST_FIRST ? "" : wanted, page: "" });
  return html`<${UsersTable} users=${data?.list ?? null} stale=${stale} sort=${sort} setSort=${setSort} marks=${marks}
    open=${open} ask=${ask} />`;
}

/** @param {{ asked: Record<string, unknown>, total: number | undefined }} props */
function Export({ asked, total }) {
  const { page, pageSize, ...filters } = asked;
  const save = () => download("/miniprogram-users/export", filters, "miniprogram-users.xlsx").catch(toastError);
  return html`<${Button} icon="download" label=${t("users.export")} action=${save} disabled=${!total}
    testId="users-export" />`;
}
