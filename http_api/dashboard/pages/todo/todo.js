// The to-do page (今日待办) of sales staff: follow-ups that are due, and customers without a first response.
import { html, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { catalogue } from "../../lib/catalogue.js";
import { useDebounced, useNow, useResource } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { useNamespace } from "../../lib/live.js";
import { hrefOf, route, setQuery } from "../../lib/router.js";
import { currentUser } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { LiveNumber } from "../../components/live-number.js";
import { Empty, Failure, Skeleton } from "../../components/states.js";
import { OpenCustomer } from "../customers/detail/open-customer.js";
import { useAssignees, useEnums } from "../customers/enums.js";
import { TodoRow } from "./row.js";

/** @typedef {"overdue" | "today" | "notContacted" | "week"} Range */

/** @type {Range[]} the most urgent first */
const RANGES = ["overdue", "notContacted", "today", "week"];
const PAGE_SIZE = 20;
const MOST = 100;
const GATHER_MS = 600;

export function Todo() {
  const { query } = useStore(route);
  const enums = useEnums();
  const staff = useAssignees();
  const ownId = currentUser().id;
  /** @type {import("../../lib/hooks.js").Resource<Rest.TodoAnswer>} */
  const figures = useResource("todo", (signal) => get("/customers/todo", {}, signal));
  const range = RANGES.find((each) => each === query.range) ?? urgentOf(figures.data);
  const list = useTodoList(range, figures.data !== null);
  const again = useDebounced(() => { figures.reload(); list.reload(); }, GATHER_MS);
  /** @param {Push.CustomerChangedPush} push */
  const onChange = ({ ownerId, customerId }) => { if (ownerId === ownId || list.has(customerId)) again(); };
  useNamespace("/customers", { customerChanged: onChange, gap: again });
  const now = useNow();

  return html`<div class="page todo-page">
    <div class="page-head">
      <div><h1>${t("todo.title")}</h1><p class="muted">${t("todo.summary")}</p></div>
      <div class="head-actions"><a class="button plain" href=${hrefOf("customers")}>${t("todo.customers")}</a>
        <a class="button plain" href=${hrefOf("customers", { view: "pool" })}>${t("todo.pool")}</a></div>
    </div>
    <div class="todo-ranges" role="group" aria-label=${t("todo.title")}>${RANGES.map((each) => html`<button
      type="button" key=${each} aria-pressed=${each === range} class=${each} data-testid=${`todo-${each}`}
      onClick=${() => setQuery({ range: each }, { replace: true })}><span>${t(`todoRange.${each}`)}</span>
      ${figures.data ? html`<${LiveNumber} value=${figures.data[each]} testId=${`todo-count-${each}`} />`
        : html`<span class="muted">…</span>`}</button>`)}</div>
    ${Boolean(figures.data?.falling) && html`<p class="notice warn" role="status" data-testid="todo-falling">
      ${t("todo.falling", { n: figures.data?.falling })}</p>`}
    <section class="panel" aria-label=${t(`todoRange.${range}`)}>
      ${list.error && !list.rows ? html`<${Failure} error=${list.error} retry=${list.reload} />`
        : !list.rows ? html`<div class="panel-body"><${Skeleton} lines=${6} /></div>`
        : list.rows.length === 0 ? html`<${Empty} title=${t("todo.none")} hint=${t("todo.noneHint")} />`
        : html`<ol class="todo-list" data-testid="todo-list">${list.rows.map((customer) => html`<${TodoRow}
            key=${customer.id} customer=${customer} range=${range} enums=${enums} now=${now}
            open=${() => setQuery({ customer: customer.id })} />`)}</ol>
          ${list.more && html`<div class="panel-foot"><${Button} kind="ghost" label=${t("todo.more")}
            action=${list.more} /></div>`}`}
    </section>
    <${OpenCustomer} id=${query.customer} enums=${enums} staff=${staff} />
  </div>`;
}

/**
 * The range that a reader who has chosen none sees: the first with customers in it.
 * @param {Rest.TodoAnswer | null} figures
 */
const urgentOf = (figures) => RANGES.find((range) => figures?.[range]) ?? "today";

/**
 * @param {Range} range
 * @param {boolean} ready the range is known
 */
function useTodoList(range, ready) {
  const [pageSize, setPageSize] = useState(PAGE_SIZE);
  const assignedTo = currentUser().id;
  /** @type {import("../../lib/hooks.js").Resource<Rest.CustomerPage>} */
  const { data, error, key, reload } = useResource(`${ready && range} ${pageSize}`, async (signal) => {
    if (!ready) return { list: [], total: 0 };
    if (range !== "notContacted") return get("/customers/due", { range, assignedTo, pageSize }, signal);
    const pages = await Promise.all(catalogue.notFollowedUp.map((followUpStatus) =>
      get("/customers", { assignedTo, followUpStatus, pageSize, sortBy: "assignedAt", sortOrder: "asc" }, signal)));
    return { list: pages.flatMap(({ list }) => list), total: pages.reduce((sum, { total }) => sum + total, 0) };
  });
  const rows = ready && key?.startsWith(range) ? data?.list ?? null : null;
  const more = rows && data && data.total > rows.length && pageSize < MOST
    ? () => setPageSize(Math.min(MOST, pageSize * 2)) : null;
  return { rows, error, more, reload, has: (/** @type {string} */ id) => Boolean(rows?.some((row) => row.id === id)) };
}
