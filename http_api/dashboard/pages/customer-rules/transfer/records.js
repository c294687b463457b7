// What automatic transfers have moved, and what they could not move.
import { html } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { dateTime, number, shortDateTime } from "../../../lib/format.js";
import { useDebounced, useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { useNamespace } from "../../../lib/live.js";
import { isPastTheEnd, pageOf, pageSizeOf } from "../../../lib/paging.js";
import { hrefOf, setQuery } from "../../../lib/router.js";
import { Choice } from "../../../components/choice.js";
import { ListTable, Who } from "../../../components/list-table.js";
import { PastTheEnd, Pagination } from "../../../components/pagination.js";
import { Empty, Failure } from "../../../components/states.js";
import { Tag } from "../../../components/tag.js";

/** @typedef {Rest.RecordAnswer} Record */

const STATUSES = ["success", "failed"];
const GATHER_MS = 2_000;

/** @param {{ query: import("../../../lib/query.js").Query }} props */
export function TransferRecords({ query }) {
  const ruleId = /^[0-9a-f]{24}$/.test(query.rule ?? "") ? query.rule : "";
  const status = STATUSES.includes(query.status) ? query.status : "";
  const asked = { ruleId, status, page: pageOf(query), pageSize: pageSizeOf(query) };
  const key = JSON.stringify(asked);
  /** @type {import("../../../lib/hooks.js").Resource<Rest.RecordPage>} */
  const list = useResource(key, (signal) => get("/lead-transfer/records", asked, signal));
  /** @type {import("../../../lib/hooks.js").Resource<Rest.RuleAnswer[]>} */
  const rules = useResource("transfer-rules", (signal) => get("/lead-transfer/rules", {}, signal));
  const { data, error, stale, reload } = list;
  const soon = useDebounced(reload, GATHER_MS);
  /** @param {Push.CustomerChangedPush} push */
  const onChange = ({ change }) => { if (change === "transferred") soon(); };
  useNamespace("/customers", { customerChanged: onChange, gap: reload });
  const names = new Map((rules.data ?? []).map(({ id, ruleName }) => [id, ruleName]));

  return html`<section class="panel list-panel" aria-label=${t("customerRulesTab.records")}>
    <div class="filters">
      <${Choice} label=${t("transferRecord.rule")} value=${ruleId} options=${[...names]} testId="records-rule"
        choose=${(/** @type {string} */ rule) => setQuery({ rule, page: "" })} />
      <${Choice} label=${t("transferRecord.status")} value=${status} testId="records-status"
        options=${STATUSES.map((each) => [each, t(`transferRecord.${each}`)])}
        choose=${(/** @type {string} */ chosen) => setQuery({ status: chosen, page: "" })} />
      <p class="muted small-text" aria-live="polite">${data ? t("transferRecord.count", { n: number(data.total) })
        : t("state.loading")}</p></div>
    ${isPastTheEnd(list, asked.page, data?.list) ? html`<${PastTheEnd} error=${error} />`
      : error && !data ? html`<${Failure} error=${error} retry=${reload} />`
      : data?.list.length === 0 ? html`<${Empty} title=${t("transferRecord.none")} />`
      : html`<${Records} rows=${data?.list ?? null} stale=${stale && list.key !== key} names=${names} />
        ${data && html`<${Pagination} total=${data.total} page=${data.page} pageSize=${data.pageSize} />`}`}
  </section>`;
}

/** @param {{ rows: Record[] | null, stale: boolean, names: Map<string, string> }} props */
function Records({ rows, stale, names }) {
  /** @type {import("../../../components/list-table.js").Column<Record>[]} */
  const columns = [
    { key: "customer", title: t("customerColumn.customer"), cell: ({ customerId, snapshot }) => html`<${Who}
      more=${snapshot.customerNumber} name=${html`<a class="link-button"
        href=${hrefOf("customers", { customer: customerId })}>${snapshot.name || snapshot.customerNumber || "—"}</a>`} />` },
    { key: "people", title: t("transferRecord.people"), width: 176, from: "middle",
      cell: (row) => `${row.fromUserName ?? "—"} → ${row.toUserName ?? "—"}` },
    { key: "status", title: t("transferRecord.status"), width: 96, cell: ({ status, errorMessage }) => html`<${Tag}
      kind=${status === "success" ? "good" : "bad"} title=${errorMessage}>${t(`transferRecord.${status}`)}<//>` },
    { key: "at", title: t("transferRecord.at"), width: 120, from: "middle",
      cell: ({ transferredAt }) => shortDateTime(transferredAt), hint: ({ transferredAt }) => dateTime(transferredAt) },
    { key: "idle", title: t("transfer.idle"), width: 112, from: "wide",
      cell: ({ snapshot }) => t("transfer.hours", { n: number(snapshot.inactiveHours) }) },
    { key: "rule", title: t("transferRecord.rule"), width: 160, from: "wide",
      cell: ({ ruleId }) => names.get(ruleId) ?? t("transferRecord.deletedRule") },
    { key: "error", title: t("transferRecord.error"), width: 200, from: "wide",
      cell: ({ errorMessage }) => errorMessage || "—", hint: ({ errorMessage }) => errorMessage },
  ];
  return html`<${ListTable} label=${t("customerRulesTab.records")} columns=${columns} rows=${rows} stale=${stale}
    testId="records-table" rowTestId=${(/** @type {Record} */ { id }) => `record-row-${id}`} />`;
}
