// The rules of automatic transfer (线索自动流转), and the one that the address names.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { number, shortDateTime } from "../../../lib/format.js";
import { useDebounced, useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { useNamespace } from "../../../lib/live.js";
import { setQuery } from "../../../lib/router.js";
import { Button } from "../../../components/button.js";
import { ListTable, Who } from "../../../components/list-table.js";
import { Empty, Failure } from "../../../components/states.js";
import { Tag } from "../../../components/tag.js";
import { toast } from "../../../components/toast.js";
import { TransferRuleDrawer } from "./drawer.js";
import { TransferRuleForm } from "./form.js";

/** @typedef {Rest.RuleAnswer} Rule */

const GATHER_MS = 2_000;

/**
 * @param {{ query: import("../../../lib/query.js").Query, enums: import("../../customers/enums.js").Enums,
 *   staff: Rest.AssigneeAnswer[] }} props
 */
export function TransferRules({ query, enums, staff }) {
  /** @type {import("../../../lib/hooks.js").Resource<Rule[]>} */
  const { data, error, stale, reload } = useResource("transfer-rules",
    (signal) => get("/lead-transfer/rules", {}, signal));
  const [edited, setEdited] = useState(/** @type {string | null} */ (null)); // an id, or "new"
  const find = (/** @type {string | null} */ wanted) => data?.find(({ id }) => id === wanted) ?? null;
  const opened = find(query.rule);
  const soon = useDebounced(reload, GATHER_MS);
  /** @param {Push.CustomerChangedPush} push */
  const onChange = ({ change }) => { if (change === "transferred") soon(); };
  useNamespace("/customers", { customerChanged: onChange, gap: reload });

  /** @param {string} id */
  const open = (id) => setQuery({ rule: id });
  const close = () => setQuery({ rule: "" }, { replace: true });
  /** @param {Record<string, unknown>} body */
  async function save(body) {
    const known = find(edited);
    const { data: rule, message } = known
      ? await call("PATCH", `/lead-transfer/rules/${known.id}`, { body: { ...body, version: known.version } })
      : await call("POST", "/lead-transfer/rules", { body });
    toast(message);
    reload();
    open(rule.id);
  }
  return html`<section class="panel list-panel" aria-label=${t("customerRulesTab.transfer")}>
    <div class="filters"><p class="muted small-text" aria-live="polite">${data ? t("transfer.count", { n: number(data.length) })
        : t("state.loading")}</p>
      <${Button} kind="primary push" icon="plus" label=${t("transfer.create")} disabled=${!staff.length}
        action=${() => setEdited("new")} testId="transfer-create" /></div>
    ${error && !data ? html`<${Failure} error=${error} retry=${reload} />`
      : data?.length === 0 ? html`<${Empty} title=${t("transfer.none")} hint=${t("transfer.noneHint")} />`
      : html`<${Rules} rules=${data} stale=${stale} open=${open} />`}
    ${opened && html`<${TransferRuleDrawer} key=${opened.id} rule=${opened} enums=${enums} changed=${reload}
      edit=${() => setEdited(opened.id)} close=${close} />`}
    ${edited && html`<${TransferRuleForm} rule=${find(edited)} enums=${enums} staff=${staff}
      save=${save} refused=${reload} close=${() => setEdited(null)} />`}
  </section>`;
}

/** @param {{ rules: Rule[] | null, stale: boolean, open: (id: string) => void }} props */
function Rules({ rules, stale, open }) {
  /** @type {import("../../../components/list-table.js").Column<Rule>[]} */
  const columns = [
    { key: "name", title: t("transfer.name"), cell: (rule) => html`<${Who}
      more=${t("transfer.people", { from: rule.sourceUserIds.length, to: rule.targetUserIds.length })}
      name=${html`<button type="button" class="link-button" onClick=${() => open(rule.id)}>${rule.ruleName}</button>`} />` },
    { key: "state", title: t("transfer.state"), width: 88, cell: ({ enabled }) => html`<${Tag}
      kind=${enabled ? "good" : "neutral"}>${t(enabled ? "transfer.on" : "transfer.off")}<//>` },
    { key: "idle", title: t("transfer.idle"), width: 112, from: "middle",
      cell: ({ triggerConditions }) => t("transfer.hours", { n: number(triggerConditions.inactiveHours) }) },
    { key: "next", title: t("transfer.next"), width: 120, from: "middle",
      cell: ({ nextExecutionTime }) => shortDateTime(nextExecutionTime) },
    { key: "last", title: t("transfer.last"), width: 176, from: "wide", cell: ({ statistics }) => (statistics.lastExecutedAt
      ? t("transfer.lastRun", { at: shortDateTime(statistics.lastExecutedAt), n: number(statistics.lastTransferredCount) })
      : "—") },
    { key: "total", title: t("transfer.total"), width: 96, from: "wide", numeric: true,
      cell: ({ statistics }) => number(statistics.totalTransferred) },
  ];
  return html`<${ListTable} label=${t("customerRulesTab.transfer")} columns=${columns} rows=${rules} stale=${stale}
    skeletons=${3} open=${open} testId="transfer-table" rowTestId=${(/** @type {Rule} */ { id }) => `transfer-row-${id}`} />`;
}
