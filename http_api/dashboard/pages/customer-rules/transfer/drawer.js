// One rule of automatic transfer: its conditions, the plan of its next run, and what people gave and got by it.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { number, toTheMinute } from "../../../lib/format.js";
import { useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { hrefOf } from "../../../lib/router.js";
import { Button } from "../../../components/button.js";
import { Confirm } from "../../../components/confirm.js";
import { Drawer } from "../../../components/drawer.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { Tag } from "../../../components/tag.js";
import { toast } from "../../../components/toast.js";
import { nameOf } from "../../customers/words.js";

/** @typedef {Rest.RuleAnswer} Rule */
/** @typedef {"execute" | "toggle" | "delete"} Kind */

/** The most leads that one run by hand moves. */
const AT_ONCE = 100;

/**
 * @param {{ rule: Rule, enums: import("../../customers/enums.js").Enums, changed: () => void, edit: () => void,
 *   close: () => void }} props
 */
export function TransferRuleDrawer({ rule, enums, changed, edit, close }) {
  const { id, ruleName, enabled, version } = rule;
  /** @type {import("../../../lib/hooks.js").Resource<Rest.PredictionAnswer>} */
  const prediction = useResource(`prediction ${id} ${version} ${rule.statistics.totalTransferred}`,
    (signal) => get(`/lead-transfer/rules/${id}/predict`, {}, signal));
  const [asked, setAsked] = useState(/** @type {Kind | null} */ (null));

  /** @type {Record<Kind, () => Promise<void>>} */
  const work = {
    async execute() {
      const { data } = await call("POST", "/lead-transfer/execute-now", { body: { ruleId: id, batchSize: AT_ONCE } });
      const [{ transferred, failed }] = data.results;
      toast(t(failed ? "transfer.executedPartly" : "transfer.executed", { n: transferred, failed }));
      prediction.reload();
    },
    async toggle() {
      const { message } = await call("PATCH", `/lead-transfer/rules/${id}/toggle`, { body: { enabled: !enabled } });
      toast(message);
    },
    async delete() {
      const { message } = await call("DELETE", `/lead-transfer/rules/${id}`);
      toast(message);
      close();
    },
  };
  const verb = asked === "toggle" ? (enabled ? "disable" : "enable") : asked;
  return html`<${Drawer} wide label=${ruleName} close=${close} testId="transfer-drawer" title=${html`<h2>${ruleName}
      <${Tag} kind=${enabled ? "good" : "neutral"}>${t(enabled ? "transfer.on" : "transfer.off")}<//></h2>
      ${rule.description && html`<p class="muted small-text">${rule.description}</p>`}`}>
    <div class="drawer-content">
      <${Conditions} rule=${rule} enums=${enums} />
      <${Prediction} prediction=${prediction} enabled=${enabled} />
      <${People} rule=${rule} estimates=${prediction.data?.userEstimates ?? []} />
    </div>
    <footer class="drawer-foot">
      <${Button} kind="primary" icon="swap" label=${t("transfer.execute")} action=${() => setAsked("execute")}
        disabled=${!prediction.data?.pendingLeadsCount} testId="transfer-execute" />
      <${Button} icon="edit" label=${t("customerAction.edit")} action=${edit} testId="transfer-edit" />
      <${Button} icon="power" label=${t(enabled ? "transfer.disable" : "transfer.enable")}
        action=${() => setAsked("toggle")} testId="transfer-toggle" />
      <a class="button" href=${hrefOf("customer-rules", { tab: "records", rule: id })}>${t("customerRulesTab.records")}</a>
      <${Button} kind="ghost danger-text push" icon="trash" label=${t("customerAction.delete")}
        action=${() => setAsked("delete")} testId="transfer-delete" />
    </footer>
    ${asked && html`<${Confirm} key=${asked} title=${t(`transferAsk.${verb}`, { name: ruleName })}
      text=${t(`transferAskText.${verb}`)} danger=${asked === "delete"}
      confirmLabel=${t(`transferVerb.${verb}`)} close=${() => setAsked(null)}
      work=${async () => { await work[asked](); changed(); }} />`}
  <//>`;
}

/** @param {{ rule: Rule, enums: import("../../customers/enums.js").Enums }} props */
function Conditions({ rule, enums }) {
  const { triggerConditions: when, executionWindow: hours, distributionConfig } = rule;
  const { startDate, endDate } = when.createdDateRange;
  const facts = [
    ["idle", t("transfer.hours", { n: number(when.inactiveHours) })],
    ["cooldown", t("transfer.hours", { n: number(when.transferCooldownHours) })],
    ["most", when.maxTransferCount ? t("transfer.times", { n: number(when.maxTransferCount) }) : t("transfer.noLimit")],
    ["stages", when.contractStatuses.map((stage) => t(`customerStage.${stage}`)).join(" · ")],
    ["sources", when.leadSources.map((source) => enums.labelOf("leadSource", source)).join(" · ") || t("transfer.anySource")],
    ...(startDate || endDate ? [["created", `${startDate ?? "…"} – ${endDate ?? "…"}`]] : []),
    ["window", hours.enabled ? `${hours.startTime} – ${hours.endTime}` : t("transfer.wholeDay")],
    ["compensation", t(distributionConfig.enableCompensation ? "transfer.on" : "transfer.off")],
  ];
  return html`<section aria-label=${t("transfer.conditions")}><h3>${t("transfer.conditions")}</h3>
    <dl>${facts.map(([name, text]) => html`<div class="fact" key=${name}><dt>${t(`transfer.${name}`)}</dt>
      <dd>${text}</dd></div>`)}</dl></section>`;
}

/**
 * @param {{ prediction: import("../../../lib/hooks.js").Resource<Rest.PredictionAnswer>, enabled: boolean }} props
 */
function Prediction({ prediction, enabled }) {
  const { data, error, stale, reload } = prediction;
  return html`<section aria-label=${t("transfer.prediction")} data-testid="transfer-prediction"><h3>${t("transfer.prediction")}</h3>
    ${!data ? (error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${3} />`) : html`
      <p class="muted small-text" aria-live="polite">${t(enabled ? "transfer.predicted" : "transfer.predictedDisabled",
        { at: toTheMinute(data.nextExecutionTime), n: number(data.pendingLeadsCount) })}</p>
      <ul class=${`transfer-plan ${stale ? "stale" : ""}`}>${data.plan.map((each) => html`<li key=${each.id}>
        <a class="link-button" href=${hrefOf("customers", { customer: each.id })}>${nameOf(each)}</a>
        <span class="muted">${each.fromUserName ?? "—"} → ${each.toUserName ?? "—"}</span></li>`)}</ul>`}
  </section>`;
}

/** @param {{ rule: Rule, estimates: Rest.EstimateAnswer[] }} props */
function People({ rule, estimates }) {
  const next = new Map(estimates.map((each) => [each.userId, each]));
  return html`<section aria-label=${t("transfer.quotas")}><h3>${t("transfer.quotas")}</h3>
    <ul class="transfer-plan">${rule.userQuotas.map(({ userId, userName, role, transferredOut, transferredIn }) => html`
      <li key=${userId}><span>${userName ?? "—"} <${Tag}>${t(`transferRole.${role}`)}<//></span>
        <span class="muted">${t("transfer.gaveAndGot", { out: number(transferredOut), into: number(transferredIn) })}
          ${next.has(userId) && ` · ${t("transfer.nextTime", { out: number(next.get(userId)?.transferredOut),
            into: number(next.get(userId)?.transferredIn) })}`}</span></li>`)}</ul></section>`;
}
