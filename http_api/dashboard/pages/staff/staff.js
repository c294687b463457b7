// The list of staff accounts, live. The address holds the view.
import { html, useMemo, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { catalogue } from "../../lib/catalogue.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { isPastTheEnd, pageOf } from "../../lib/paging.js";
import { roleText } from "../../lib/role-text.js";
import { route, setQuery } from "../../lib/router.js";
import { can } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { SearchField } from "../../components/search-field.js";
import { Empty, Failure } from "../../components/states.js";
import { StaffDrawer } from "./drawer.js";
import { StaffForm } from "./form.js";
import { NO_FILTERS, STATUSES, hasFilters, listQuery, validQuery } from "./query.js";
import { StaffTable } from "./table.js";

export function StaffAccounts() {
  const { query: given } = useStore(route);
  const query = useMemo(() => validQuery(given), [given]);
  const asked = useMemo(() => listQuery(query), [JSON.stringify(query)]);
  const key = JSON.stringify(asked);
  /** @type {import("../../lib/hooks.js").Resource<Rest.StaffPage>} */
  const list = useResource(key, (signal) => get("/users", asked, signal));
  const choices = useChoices();
  const [creating, setCreating] = useState(false);
  const [revision, setRevision] = useState(0); // a higher one makes an open drawer read again
  /** @type {ReturnType<typeof useLiveList<Rest.StaffAnswer>>} */
  const live = useLiveList({ list, key, rows: "items", read: (id) => get(`/users/${id}`), markedMs: 20_000 });
  useNamespace("/staff", { changed, gap: live.reload });

  /** @param {Push.StaffRecordPush} push */
  function changed({ kind, id }) {
    if (kind !== "account") {
      choices.reload();
      live.reload();
    } else if (live.find(id)) live.refresh(id, "updated");
    else live.newcomer(id);
    if (id === query.account) setRevision((count) => count + 1);
  }
  function showNew() {
    live.clear();
    list.reload();
  }
  /** @param {Rest.StaffAnswer} account */
  const saved = (account) => (live.find(account.id) ? live.replace(account) : list.reload());
  const close = () => setQuery({ account: "" }, { replace: true });

  return html`<div class="page">
    <div class="page-head"><div><h1>${t("staff.title")}</h1>
      <p class=${`muted ${list.stale ? "stale" : ""}`} aria-live="polite">
        ${list.data ? t("staff.count", { n: number(list.data.total) }) : list.loading && t("state.loading")}</p></div>
      ${can("user:create") && html`<${Button} icon="plus" kind="primary" label=${t("staff.create")}
        action=${() => setCreating(true)} testId="staff-create" />`}
    </div>
    <section class="panel list-panel">
      <${Filters} query=${query} choices=${choices} />
      <${FreshRows} count=${hasFilters(query) ? 0 : live.fresh} text=${t("staff.fresh", { n: live.fresh })}
        show=${showNew} />
      <${Rows} list=${list} reload=${live.reload} query=${query} marks=${live.marks} />
      ${list.data && list.data.total > 0 && html`<${Pagination} total=${list.data.total} page=${list.data.page}
        pageSize=${list.data.pageSize} />`}
    </section>
    ${query.account && html`<${StaffDrawer} key=${query.account} id=${query.account} revision=${revision}
      choices=${choices} saved=${saved} close=${close} />`}
    ${creating && html`<${StaffForm} choices=${choices} saved=${saved} close=${() => setCreating(false)} />`}
  </div>`;
}

/**
 * The roles and departments to choose from: without the permission to edit roles, the system roles only.
 * @typedef {{ roles: { code: string, name: string }[], departments: Rest.DepartmentAnswer[],
 *   reload: () => void }} Choices
 * @returns {Choices}
 */
function useChoices() {
  const mayRoles = can("admin:roles");
  /** @type {import("../../lib/hooks.js").Resource<Rest.RoleAnswer[]>} */
  const roles = useResource(`roles ${mayRoles}`, async (signal) => (mayRoles ? get("/roles", {}, signal) : []));
  /** @type {import("../../lib/hooks.js").Resource<Rest.DepartmentAnswer[]>} */
  const departments = useResource("departments", (signal) => get("/departments", {}, signal));
  const known = roles.data?.length ? roles.data.filter(({ active }) => active).map(({ code, name }) => ({ code, name }))
    : catalogue.systemRoles.map((code) => ({ code, name: code }));
  return { roles: known, departments: departments.data ?? [],
    reload: () => { roles.reload(); departments.reload(); } };
}

/** @param {{ query: import("./query.js").Query, choices: Choices }} props */
function Filters({ query, choices }) {
  /** @type {(name: string) => (value: string) => void} */
  const choose = (name) => (value) => setQuery({ [name]: value, page: "" }, { replace: true });
  return html`<div class="filters" role="search" aria-label=${t("staffFilter.label")}>
    <${SearchField} value=${query.search ?? ""} label=${t("staffFilter.search")} testId="staff-search" />
    <${Choice} label=${t("staffField.role")} value=${query.role} choose=${choose("role")}
      options=${choices.roles.map(({ code, name }) => [code, roleText(code, name)])} testId="filter-role" />
    <${Choice} label=${t("staffField.department")} value=${query.department} choose=${choose("department")}
      options=${choices.departments.map(({ id, name }) => [id, name])} testId="filter-department" />
    <${Choice} label=${t("filter.status")} value=${query.status} choose=${choose("status")}
      options=${STATUSES.map((status) => [status, t(`staffStatus.${status}`)])} testId="filter-status" />
    ${hasFilters(query) && html`<${Button} kind="ghost" icon="close" label=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} />`}
  </div>`;
}

/**
 * @param {{ list: import("../../lib/hooks.js").Resource<Rest.StaffPage>, reload: () => void,
 * query: import("./query.js").Query, marks: import("../../lib/live-list.js").Marks }} props
 */
function Rows({ list, reload, query, marks }) {
  const { data, error, stale } = list;
  if (isPastTheEnd(list, pageOf(query), data?.items)) return html`<${PastTheEnd} error=${error} />`;
  if (error && !data) return html`<${Failure} error=${error} retry=${reload} />`;
  if (data?.items.length === 0 && !stale) {
    return html`<${Empty} title=${t("staff.none")} hint=${t("staff.noneHint")} actionLabel=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} />`;
  }
  return html`<${StaffTable} accounts=${data?.items ?? null} stale=${stale} marks=${marks}
    open=${(/** @type {string} */ id) => setQuery({ account: id })} />`;
}
