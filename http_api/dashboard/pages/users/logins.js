// The log of a user's log-ins, newest first, with refused attempts and their reasons.
import { html, useEffect, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t, textOr } from "../../lib/i18n.js";
import { dateTime, number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { regionText } from "../../lib/places.js";
import { Button } from "../../components/button.js";
import { Empty, Failure, Skeleton } from "../../components/states.js";
import { Tag } from "../../components/tag.js";

const PAGE_SIZE = 10;

/** @param {{ id: string, revision: number }} props */
export function UserLogins({ id, revision }) {
  const [page, setPage] = useState(1);
  const path = `/miniprogram-users/${id}/login-logs`;
  /** @type {import("../../lib/hooks.js").Resource<Rest.LoginLogPage>} */
  const log = useResource(`${id} ${page}`, (signal) => get(path, { page, pageSize: PAGE_SIZE }, signal));
  useEffect(() => { if (revision) log.reload(); }, [revision]);
  const { data, error } = log;
  const pages = data ? Math.max(1, Math.ceil(data.total / PAGE_SIZE)) : 1;

  return html`<section aria-labelledby="logins-title" aria-busy=${log.loading}>
    <h3 id="logins-title">${t("user.logins")} ${data && html`<span
      class="muted small-text">${t("pagination.total", { n: number(data.total) })}</span>`}</h3>
    ${error && !data ? html`<${Failure} error=${error} retry=${log.reload} />` : !data
      ? html`<${Skeleton} lines=${4} />`
      : data.list.length === 0 ? html`<${Empty} title=${t("user.noLogins")} />`
      : html`<ol class=${`log ${log.stale ? "stale" : ""}`}>
        ${data.list.map((entry) => html`<${Entry} key=${entry.id} entry=${entry} />`)}</ol>`}
    ${pages > 1 && html`<div class="pages small-pages">
      <${Button} small iconOnly kind="ghost" icon="left" label=${t("pagination.previous")} disabled=${page <= 1}
        action=${() => setPage(page - 1)} />
      <span class="muted numeric">${page} / ${pages}</span>
      <${Button} small iconOnly kind="ghost" icon="right" label=${t("pagination.next")} disabled=${page >= pages}
        action=${() => setPage(page + 1)} /></div>`}
  </section>`;
}

const GOOD = new Set(["success", "ok"]);

/** @param {{ entry: Rest.LoginLogAnswer }} props */
function Entry({ entry }) {
  const good = GOOD.has(entry.result);
  const place = regionText(entry.province, entry.city);
  return html`<li class="log-entry">
    <${Tag} kind=${good ? "good" : "bad"}>${t(good ? "loginResult.success" : "loginResult.failed")}<//>
    <div><div class="log-line"><span class="numeric">${dateTime(entry.at)}</span><span>
      ${textOr("loginMethod", entry.method)}</span>
        ${entry.count > 1 && html`<span class="numeric">${t("user.sameMinute", { n: number(entry.count) })}</span>`}
        ${!good && entry.reason && html`<code class="small-text">${entry.reason}</code>`}</div>
      <div class="muted small-text log-line"><span class="numeric">${
        entry.ip || (entry.count > 1 ? t("user.severalAddresses") : "—")}</span>${place && html`<span>
        ${place}</span>`}
        ${entry.userAgent && html`<span class="agent" title=${entry.userAgent}>${entry.userAgent}</span>`}</div></div>
  </li>`;
}
