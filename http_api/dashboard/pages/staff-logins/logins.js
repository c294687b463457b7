// The login log of staff, live: refusals, and logins from a new place or device.
import { html, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t, textOr } from "../../lib/i18n.js";
import { dateTime, number, shortDateTime } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { isPastTheEnd, pageOf, pageSizeOf } from "../../lib/paging.js";
import { route, setQuery } from "../../lib/router.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { ListTable, Who } from "../../components/list-table.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { Empty, Failure, Skeleton } from "../../components/states.js";
import { Tag } from "../../components/tag.js";

export function StaffLogins() {
  const { query } = useStore(route);
  const asked = {
    page: pageOf(query), pageSize: pageSizeOf(query), staff: query.staff, onlyNew: query.new ? true : undefined,
    result: ["success", "failed"].includes(query.result) ? query.result : undefined,
  };
  /** @type {import("../../lib/hooks.js").Resource<Rest.StaffLoginPage>} */
  const list = useResource(JSON.stringify(asked), (signal) => get("/staff-login-logs", asked, signal));
  const [fresh, setFresh] = useState(0);
  useNamespace("/staff", { login: () => setFresh((count) => count + 1), gap: list.reload });
  function showNew() {
    setFresh(0);
    if (asked.page === 1) list.reload();
    else setQuery({ page: "" });
  }
  const { data, error } = list;
  return html`<div class="page">
    <div class="page-head"><div><h1>${t("staff-logins.title")}</h1><p class="muted">
      ${data ? t("logins.count", { n: number(data.total) }) : list.loading && t("state.loading")}</p></div></div>
    <section class="panel list-panel">
      <div class="filters">
        <${Choice} label=${t("logins.result")} value=${query.result} testId="filter-result"
          choose=${(/** @type {string} */ result) => setQuery({ result, page: "" }, { replace: true })}
          options=${[["success", t("logins.success")], ["failed", t("logins.failed")]]} />
        <${Button} kind="ghost" icon="filter" label=${t("logins.onlyNew")} pressed=${Boolean(query.new)}
          action=${() => setQuery({ new: query.new ? "" : "1", page: "" }, { replace: true })} />
        ${query.staff && html`<${Button} kind="ghost" icon="close" label=${t("logins.everyone")}
          action=${() => setQuery({ staff: "", page: "" })} />`}
      </div>
      <${FreshRows} count=${fresh} text=${t("logins.fresh", { n: fresh })} show=${showNew} testId="new-logins" />
      ${isPastTheEnd(list, asked.page, data?.list) ? html`<${PastTheEnd} error=${error} />`
        : error && !data ? html`<${Failure} error=${error} retry=${list.reload} />`
        : !data ? html`<div class="panel-body"><${Skeleton} lines=${8} /></div>`
        : data.list.length === 0 ? html`<${Empty} title=${t("logins.none")} hint=${t("logins.noneHint")} />`
        : html`<${Table} rows=${data.list} stale=${list.stale} />`}
      ${data && data.total > 0 && html`<${Pagination} total=${data.total} page=${data.page} pageSize=${data.pageSize} />`}
    </section>
  </div>`;
}

/** @param {{ rows: Entry[], stale: boolean }} props @typedef {Rest.StaffLoginAnswer} Entry */
function Table({ rows, stale }) {
  /** @type {import("../../components/list-table.js").Column<Entry>[]} */
  const columns = [
    { key: "who", title: t("logins.who"), cell: ({ name, username }) => html`<${Who} more=${username}
      name=${html`<span class="name">${name ?? t("logins.unknown")}</span>`} />` },
    { key: "at", title: t("logins.at"), width: 120, hint: ({ at }) => dateTime(at),
      cell: ({ at }) => html`<span class="numeric-text">${shortDateTime(at)}</span>` },
    { key: "result", title: t("logins.result"), width: 232, from: "middle",
      cell: (row) => html`<${Result} row=${row} />` },
    { key: "ip", title: t("logins.ip"), width: 144, from: "wide", cell: ({ ip }) => ip || "—" },
    { key: "device", title: t("logins.device"), width: 240, from: "wide", hint: ({ userAgent }) => userAgent,
      cell: ({ userAgent }) => html`<span class="agent">${userAgent || "—"}</span>` },
  ];
  return html`<${ListTable} label=${t("staff-logins.title")} columns=${columns} rows=${rows} stale=${stale}
    testId="logins-table" rowTestId=${(/** @type {Entry} */ { id }) => `login-row-${id}`} />`;
}

/** @param {{ row: Entry }} props */
const Result = ({ row }) => html`<span class="tags"><${Tag} kind=${row.result === "success" ? "good" : "bad"}
  title=${row.reason ?? undefined}>${row.reason ? textOr("loginReason", row.reason) : t("logins.success")}<//>
  ${row.newPlace && html`<${Tag} kind="warn">${t("logins.newPlace")}<//>`}
  ${row.newDevice && html`<${Tag} kind="warn">${t("logins.newDevice")}<//>`}</span>`;
