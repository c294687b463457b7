// One entry of the operation log: who, from where, and each changed value before and after.
import { html } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { dateTime } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { setQuery } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Drawer } from "../../components/drawer.js";
import { Failure, Skeleton } from "../../components/states.js";
import { NO_FILTERS } from "./query.js";
import { actionText, actorText, targetText, valueText } from "./words.js";

/** @param {{ id: string, known?: Rest.LogEntry, close: () => void }} props `known`: an entry never changes */
export function EntryDrawer({ id, known, close }) {
  /** @type {import("../../lib/hooks.js").Resource<Rest.LogEntry>} */
  const resource = useResource(id, async (signal) => known ?? get(`/audit-logs/${encodeURIComponent(id)}`, {}, signal));
  const entry = known ?? resource.data;
  return html`<${Drawer} wide label=${t("auditEntry.title")} close=${close} testId="audit-drawer"
      title=${html`<h2>${entry ? actionText(entry.action) : t("auditEntry.title")}</h2>
        <p class="muted small-text">${entry && `${actorText(entry.actor)} · ${dateTime(entry.at)}`}</p>`}>
    <div class="drawer-content">${entry ? html`<${Facts} entry=${entry} /><${Changes} entry=${entry} />`
      : resource.error ? html`<${Failure} error=${resource.error} retry=${resource.reload} />`
        : html`<${Skeleton} lines=${8} />`}</div>
    ${entry && html`<footer class="drawer-foot">
      <${Button} icon="renew" label=${t("auditEntry.history")} testId="audit-history"
        action=${() => setQuery({ ...NO_FILTERS, target: entry.targetKind, record: entry.targetId, entry: "" })} />
      ${entry.actor.id && html`<${Button} icon="person" label=${t("auditEntry.ofActor")} testId="audit-of-actor"
        action=${() => setQuery({ ...NO_FILTERS, search: entry.actor.id, entry: "" })} />`}</footer>`}
  <//>`;
}

/** @param {{ entry: Rest.LogEntry }} props */
function Facts({ entry }) {
  /** @type {[string, string][]} */
  const facts = [
    ["target", `${targetText(entry.targetKind)} ${entry.targetId}`], ["reason", entry.reason],
    ["address", entry.address], ["device", entry.device], ["userAgent", entry.userAgent],
    ["requestId", entry.requestId], ["id", entry.id], ["action", entry.action],
  ];
  return html`<section><dl class="facts">${facts.filter(([, value]) => value).map(([name, value]) => html`
    <div key=${name} class="fact"><dt>${t(`auditEntry.${name}`)}</dt><dd class="wrap-anywhere">${value}</dd></div>`)}</dl></section>`;
}

/** @param {{ entry: Rest.LogEntry }} props */
function Changes({ entry }) {
  const names = [...new Set([...Object.keys(entry.before), ...Object.keys(entry.after)])];
  return html`<section aria-labelledby="audit-changes"><h3 id="audit-changes">${t("auditEntry.changes")}</h3>
    ${names.length === 0 ? html`<p class="muted">${t("auditEntry.noChanges")}</p>`
      : html`<div class="table-scroll"><table class="audit-changes" data-testid="audit-changes">
        <thead><tr><th scope="col">${t("auditEntry.field")}</th><th scope="col">${t("auditEntry.before")}</th>
          <th scope="col">${t("auditEntry.after")}</th></tr></thead>
        <tbody>${names.map((name) => html`<tr key=${name}><th scope="row">${name}</th>
          <td class="before">${valueText(entry.before[name])}</td>
          <td class="after">${valueText(entry.after[name])}</td></tr>`)}</tbody></table></div>`}
  </section>`;
}
