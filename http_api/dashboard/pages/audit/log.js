// The operation log (操作日志). The address holds the filters; new entries are counted, and no row moves.
import { html, useEffect, useMemo, useState } from "../../lib/view.js";
import { download, get } from "../../lib/api.js";
import { catalogue } from "../../lib/catalogue.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { isPastTheEnd, pageOf } from "../../lib/paging.js";
import { route, setQuery } from "../../lib/router.js";
import { can } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { Empty, Failure } from "../../components/states.js";
import { toastError } from "../../components/toast.js";
import { Accesses } from "./accesses.js";
import { EntryDrawer } from "./drawer.js";
import { LogFilters } from "./filters.js";
import { NO_FILTERS, hasFilters, listQuery, validQuery } from "./query.js";
import { LogTable } from "./table.js";

/** @param {import("../../lib/router.js").Query} query */
function save(query) {
  const { page, pageSize, ...filters } = listQuery(query);
  return download("/audit-logs/export", filters, "audit-logs.xlsx").catch(toastError);
}

export function OperationLog() {
  const { query: given } = useStore(route);
  const query = useMemo(() => validQuery(given, catalogue.auditActions), [given]);
  const { entry, ...asked } = query;
  const key = JSON.stringify(asked);
  /** @type {import("../../lib/hooks.js").Resource<Rest.LogPage>} */
  const list = useResource(key, (signal) => get("/audit-logs", listQuery(query), signal));
  const [fresh, setFresh] = useState(0);
  useEffect(() => setFresh(0), [key]);
  const [revision, setRevision] = useState(0);
  const reload = () => { setFresh(0); setRevision((count) => count + 1); list.reload(); };
  useNamespace("/audit", {
    auditGrew: (/** @type {Push.AuditGrewPush} */ { count }) => setFresh((before) => before + count), gap: reload,
  });
  const showNew = () => (pageOf(query) === 1 ? reload() : setQuery({ page: "" }));

  return html`<div class="page">
    <div class="page-head"><div><h1>${t("audit.title")}</h1>
      <p class=${`muted ${list.stale ? "stale" : ""}`} aria-live="polite">
        ${list.data ? t("audit.count", { n: number(list.data.total) }) : list.loading && t("state.loading")}</p></div>
      ${can("audit:export") && html`<${Button} icon="download" label=${t("audit.export")} disabled=${!list.data?.total}
        action=${() => save(query)} testId="audit-export" />`}</div>
    <${Accesses} day=${query.to} revision=${revision} />
    <section class="panel list-panel">
      <${LogFilters} query=${query} />
      <${FreshRows} count=${hasFilters(query) ? 0 : fresh} text=${t("audit.fresh", { n: number(fresh) })}
        show=${showNew} testId="audit-new" />
      <${Rows} list=${list} reload=${reload} query=${query} />
      ${list.data && list.data.total > 0 && html`<${Pagination} total=${list.data.total} page=${list.data.page}
        pageSize=${list.data.pageSize} />`}
    </section>
    ${entry && html`<${EntryDrawer} key=${entry} id=${entry}
      known=${list.data?.list.find(({ id }) => id === entry)}
      close=${() => setQuery({ entry: "" }, { replace: true })} />`}
  </div>`;
}

/**
 * @param {{ list: import("../../lib/hooks.js").Resource<Rest.LogPage>, reload: () => void,
 *   query: import("../../lib/router.js").Query }} props
 */
function Rows({ list, reload, query }) {
  const { data, error, stale } = list;
  if (isPastTheEnd(list, pageOf(query), data?.list)) return html`<${PastTheEnd} error=${error} />`;
  if (error && !data) return html`<${Failure} error=${error} retry=${reload} />`;
  if (data?.list.length === 0 && !stale) {
    return hasFilters(query)
      ? html`<${Empty} title=${t("audit.noneFound")} hint=${t("audit.noneFoundHint")} actionLabel=${t("filter.clear")}
        action=${() => setQuery(NO_FILTERS)} />`
      : html`<${Empty} title=${t("audit.none")} hint=${t("audit.noneHint")} />`;
  }
  return html`<${LogTable} entries=${data?.list ?? null} stale=${stale} />`;
}
