// First responses (首次响应): customers whose new owner has not followed up yet, the longest waiting first.
import { html, useEffect } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { dateTime, duration, number, shortDateTime } from "../../../lib/format.js";
import { useDebounced, useNow, useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { useNamespace } from "../../../lib/live.js";
import { isPastTheEnd, pageOf, pageSizeOf } from "../../../lib/paging.js";
import { setQuery } from "../../../lib/router.js";
import { Avatar } from "../../../components/avatar.js";
import { ListTable, Who } from "../../../components/list-table.js";
import { PastTheEnd, Pagination } from "../../../components/pagination.js";
import { Segmented } from "../../../components/segmented.js";
import { Empty, Failure } from "../../../components/states.js";
import { Tag } from "../../../components/tag.js";
import { nameOf } from "../words.js";

/** @typedef {Rest.AwaitedResponseAnswer} Awaited */

const STATES = ["breached", "waiting"];
const MINUTE_MS = 60_000;
const GATHER_MS = 600;

/**
 * @param {{ query: import("../query.js").Query, enums: import("../enums.js").Enums, open: (id: string) => void }} props
 */
export function Responses({ query, enums, open }) {
  const state = query.state === "waiting" ? "waiting" : "breached";
  const asked = { state, page: pageOf(query), pageSize: pageSizeOf(query) };
  const key = JSON.stringify(asked);
  /** @type {import("../../../lib/hooks.js").Resource<Rest.AwaitedResponsePage>} */
  const list = useResource(key, (signal) => get("/customers/sla", asked, signal));
  /** @type {import("../../../lib/hooks.js").Resource<Rest.AwaitedResponsePage>} */
  const waiting = useResource("nearest", (signal) => get("/customers/sla", { state: "waiting", pageSize: 1 }, signal));
  const nearest = waiting.data?.list[0];
  const { data, error, stale } = list;
  function reload() {
    list.reload();
    waiting.reload();
  }
  const soon = useDebounced(reload, GATHER_MS);
  useNamespace("/customers", { customerChanged: soon, responseBreached: soon, gap: reload });
  const now = useNow(MINUTE_MS);
  useEffect(() => { if (data) reload(); }, [now]); // the server counts working time

  return html`<section class="panel list-panel" aria-label=${t("customerView.responses")}>
    <div class="filters"><${Segmented} label=${t("responses.state")} value=${state} testId="responses"
        options=${STATES.map((name) => [name, t(`responses.${name}`)])}
        choose=${(/** @type {string} */ name) => setQuery({ state: name === "breached" ? "" : name, page: "" })} />
      <p class="muted small-text" aria-live="polite">${data ? t("customers.count", { n: number(data.total) })
        : t("state.loading")}</p>
      ${nearest && html`<p class="small-text warn-text" data-testid="responses-nearest">${t("responses.nearest",
        { name: nameOf(nearest), time: lengthOf(nearest.minutesLeft) })}</p>`}</div>
    ${isPastTheEnd(list, pageOf(query), data?.list) ? html`<${PastTheEnd} error=${error} />`
      : error && !data ? html`<${Failure} error=${error} retry=${reload} />`
      : data?.list.length === 0 ? html`<${Empty} title=${t(`responses.no-${state}`)} hint=${t("responses.hint")} />`
      : html`<${Waiting} rows=${data?.list ?? null} stale=${stale && list.key !== key} enums=${enums} open=${open} />
        ${data && html`<${Pagination} total=${data.total} page=${data.page} pageSize=${data.pageSize} />`}`}
  </section>`;
}

/**
 * @param {{ rows: Awaited[] | null, stale: boolean, enums: import("../enums.js").Enums,
 *   open: (id: string) => void }} props
 */
function Waiting({ rows, stale, enums, open }) {
  /** @type {import("../../../components/list-table.js").Column<Awaited>[]} */
  const columns = [
    { key: "customer", title: t("customerColumn.customer"), cell: (row) => html`<${Who}
      picture=${html`<${Avatar} name=${row.name} seed=${row.id} size=${36} />`} more=${row.phone}
      name=${html`<button type="button" class="link-button" onClick=${() => open(row.id)}>${nameOf(row)}</button>`} />` },
    { key: "left", title: t("responses.left"), width: 156, cell: (row) => html`<${Tag} kind=${row.breached ? "bad" : "warn"}>
      ${t(row.breached ? "responses.late" : "responses.remaining", { time: lengthOf(row.minutesLeft) })}<//>` },
    { key: "owner", title: t("customerColumn.owner"), width: 112, from: "middle",
      cell: (row) => row.assignedToName ?? "—" },
    { key: "due", title: t("responses.due"), width: 120, from: "middle", cell: (row) => shortDateTime(row.dueAt),
      hint: (row) => dateTime(row.dueAt) },
    { key: "assignedAt", title: t("customerColumn.assignedAt"), width: 120, from: "wide",
      cell: (row) => shortDateTime(row.assignedAt), hint: (row) => dateTime(row.assignedAt) },
    { key: "source", title: t("customerColumn.source"), width: 112, from: "wide",
      cell: (row) => enums.labelOf("leadSource", row.leadSource) },
  ];
  return html`<${ListTable} label=${t("customerView.responses")} columns=${columns} rows=${rows} stale=${stale}
    open=${open} testId="responses-table" rowTestId=${(/** @type {Awaited} */ row) => `response-row-${row.customerId}`} />`;
}

/** @param {number} minutes of working time */
const lengthOf = (minutes) => duration(0, Math.abs(minutes) * MINUTE_MS);
