// The dry run of the pool rules: which customers the next run takes from whom, by the stored rules.
import { html } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { number, shortDateTime, toTheMinute } from "../../../lib/format.js";
import { useDebounced, useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { useNamespace } from "../../../lib/live.js";
import { hrefOf } from "../../../lib/router.js";
import { ListTable, Who } from "../../../components/list-table.js";
import { Empty, Failure } from "../../../components/states.js";
import { Tag } from "../../../components/tag.js";
import { nameOf } from "../../customers/words.js";

const GATHER_MS = 2_000;

/**
 * `revision` changes when the rules were saved.
 * @param {{ enums: import("../../customers/enums.js").Enums, staff: Rest.AssigneeAnswer[], revision: number }} props
 */
export function DryRun({ enums, staff, revision }) {
  /** @type {import("../../../lib/hooks.js").Resource<Rest.DryRunAnswer>} */
  const { data, error, stale, reload } = useResource(`dry-run ${revision}`,
    (signal) => get("/customers/pool-rules/preview", {}, signal));
  const soon = useDebounced(reload, GATHER_MS);
  useNamespace("/customers", { customerChanged: soon, gap: reload });
  const names = new Map([...staff.map(({ id, name }) => /** @type {const} */ ([id, name])),
    ...(data?.list ?? []).map(({ assignedTo, assignedToName }) => /** @type {const} */ ([assignedTo, assignedToName]))]);
  return html`<section class="panel list-panel" aria-label=${t("dryRun.title")} data-testid="dry-run">
    <header class="panel-head"><h2>${t("dryRun.title")}</h2><p class="muted" aria-live="polite">${data
      ? t(data.enabled ? "dryRun.summary" : "dryRun.disabled", { at: toTheMinute(data.runAt), n: number(data.total) })
      : t("state.loading")}</p></header>
    ${data && data.total > 0 && html`<p class="dry-run-owners">${Object.entries(data.byOwner).map(([id, count]) => html`
      <${Tag} key=${id}>${names.get(id) ?? "—"} ${number(count)}<//>`)}</p>`}
    ${error && !data ? html`<${Failure} error=${error} retry=${reload} />`
      : data?.total === 0 ? html`<${Empty} title=${t("dryRun.none")} />`
      : html`<${Falling} rows=${data?.list ?? null} stale=${stale} enums=${enums} />`}
    ${data && data.total > data.list.length && html`<p class="muted small-text dry-run-more">
      ${t("dryRun.more", { n: number(data.list.length) })}</p>`}
  </section>`;
}

/**
 * @param {{ rows: Rest.FallingAnswer[] | null, stale: boolean, enums: import("../../customers/enums.js").Enums }} props
 */
function Falling({ rows, stale, enums }) {
  /** @type {import("../../../components/list-table.js").Column<Rest.FallingAnswer>[]} */
  const columns = [
    { key: "customer", title: t("customerColumn.customer"), cell: (row) => html`<${Who} more=${row.customerId}
      name=${html`<a class="link-button" href=${hrefOf("customers", { customer: row.id })}>${nameOf(row)}</a>`} />` },
    { key: "owner", title: t("customerColumn.owner"), width: 112, cell: (row) => row.assignedToName ?? "—" },
    { key: "level", title: t("customerField.leadLevel"), width: 160, from: "middle",
      cell: (row) => t(`leadLevel.${row.leadLevel}`) },
    { key: "source", title: t("customerColumn.source"), width: 128, from: "wide",
      cell: (row) => enums.labelOf("leadSource", row.leadSource) },
    { key: "followUp", title: t("dryRun.lastFollowUp"), width: 136, from: "middle",
      cell: (row) => (row.lastFollowUpTime ? shortDateTime(row.lastFollowUpTime) : t("dryRun.neverFollowedUp")) },
  ];
  return html`<${ListTable} label=${t("dryRun.title")} columns=${columns} rows=${rows} stale=${stale} skeletons=${3}
    testId="dry-run-table" rowTestId=${(/** @type {Rest.FallingAnswer} */ row) => `falling-${row.customerId}`} />`;
}
