// The customers of the reader's scope, or of the pool, as a table with pages; changed rows are marked in place.
import { html } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { isPastTheEnd, pageOf } from "../../lib/paging.js";
import { setQuery } from "../../lib/router.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { Empty, Failure } from "../../components/states.js";
import { effectOn } from "./effects.js";
import { NO_FILTERS, hasFilters, listQuery, sortOf } from "./query.js";
import { CustomersTable } from "./table.js";

/** @typedef {import("./words.js").Customer} Customer */
/** @typedef {import("./query.js").Query} Query */

/**
 * The list that the address asks for, following its events.
 * @param {Query} query
 * @param {boolean} pool
 */
export function useCustomerList(query, pool) {
  const asked = listQuery(query);
  const key = JSON.stringify([pool, asked]);
  /** @type {import("../../lib/hooks.js").Resource<Rest.CustomerPage>} */
  const list = useResource(key, (signal) => get(pool ? "/customers/public-pool" : "/customers", asked, signal));
  /** @type {ReturnType<typeof useLiveList<Customer>>} */
  const live = useLiveList({ list, key, read: (id) => get(`/customers/${id}`) });

  /** @param {Push.CustomerChangedPush} push */
  function onChange(push) {
    const id = push.customerId;
    switch (effectOn(push, live.find(id), pool)) {
      case "new": return live.newcomer(id);
      case "deleted": return live.mark(id, { kind: "deleted" });
      case "left": return live.mark(id, { kind: pool ? "claimedAway" : "left" });
      case "changed": return live.refresh(id);
      default: return undefined;
    }
  }
  useNamespace("/customers", { customerChanged: onChange, gap: live.reload });
  return { ...list, key, live, current: list.key === key };
}

/**
 * @param {{ list: ReturnType<typeof useCustomerList>, query: Query, pool?: boolean,
 *   enums: import("./enums.js").Enums, open: (id: string) => void,
 *   first?: import("./table.js").Column[], last?: import("./table.js").Column[] }} props
 */
export function CustomerList({ list, query, pool = false, enums, open, first, last }) {
  const { data, error, stale, live, current } = list;
  const sort = sortOf(query);
  if (isPastTheEnd(list, pageOf(query), data?.list)) return html`<${PastTheEnd} error=${error} />`;
  if (error && !data) return html`<${Failure} error=${error} retry=${live.reload} />`;
  const fresh = html`<${FreshRows} count=${hasFilters(query) ? 0 : live.fresh} show=${showNew} testId="new-customers"
    text=${t("customers.fresh", { n: live.fresh })} />`;
  if (data && data.list.length === 0 && !stale) return html`${fresh}<${Nothing} query=${query} pool=${pool} />`;

  function showNew() {
    if (pageOf(query) === 1) live.reload();
    else setQuery({ page: "" });
  }
  /** @param {string} wanted */
  const setSort = (wanted) => setQuery({ sort: wanted, page: "" });
  return html`${fresh}
    <${CustomersTable} customers=${data?.list ?? null} stale=${stale && !current} sort=${sort} setSort=${setSort}
      marks=${live.marks} enums=${enums} pool=${pool} open=${open} first=${first} last=${last} />
    ${data && html`<${Pagination} total=${data.total} page=${data.page} pageSize=${data.pageSize} />`}`;
}

/** @param {{ query: Query, pool: boolean }} props */
function Nothing({ query, pool }) {
  if (hasFilters(query)) {
    return html`<${Empty} title=${t("customers.noneFound")} hint=${t("customers.noneFoundHint")}
      actionLabel=${t("filter.clear")} action=${() => setQuery(NO_FILTERS)} />`;
  }
  return html`<${Empty} title=${t(pool ? "customers.poolEmpty" : "customers.none")}
    hint=${t(pool ? "customers.poolEmptyHint" : "customers.noneHint")} />`;
}
