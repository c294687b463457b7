// All notifications of the reader. The address holds the filters.
import { html, useMemo } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { language, t, textOr } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { isPastTheEnd, pageOf } from "../../lib/paging.js";
import { route, setQuery } from "../../lib/router.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { Segmented } from "../../components/segmented.js";
import { Empty, Failure, Skeleton } from "../../components/states.js";
import { NoticeGroups } from "./groups.js";
import { unread } from "./own.js";
import { KINDS, NO_FILTERS, PERIODS, STATUSES, hasFilters, validQuery } from "./query.js";
import { SoundSwitch } from "./sound-switch.js";
import { useNotices } from "./use-notices.js";

export function Notifications() {
  const { query: given } = useStore(route);
  const query = useMemo(() => validQuery(given), [given]);
  const notices = useNotices(query);
  const { list, live } = notices;
  const count = useStore(unread) ?? 0;
  const showNew = () => (pageOf(query) === 1 ? live.reload() : setQuery({ page: "" }));
  return html`<div class="page">
    <div class="page-head"><div><h1>${t("notifications.title")}</h1>
      <p class=${`muted ${list.stale ? "stale" : ""}`} aria-live="polite">
        ${list.data ? `${t("notice.total", { n: number(list.data.total) })} · ${t("notice.unreadCount",
          { n: number(count) })}` : list.loading && t("state.loading")}</p></div>
      <div class="head-actions"><${SoundSwitch} />
        <${Button} icon="check" label=${t("notice.readAll")} disabled=${!count} testId="read-all"
          action=${notices.readAll} /></div></div>
    <section class="panel list-panel">
      <${Filters} query=${query} />
      <${FreshRows} count=${live.fresh} text=${t("notice.fresh", { n: number(live.fresh) })} show=${showNew}
        testId="new-notices" />
      <${Rows} notices=${notices} query=${query} />
      ${list.data && list.data.total > 0 && html`<${Pagination} total=${list.data.total} page=${list.data.page}
        pageSize=${list.data.pageSize} />`}
    </section>
  </div>`;
}

/** @param {{ query: import("../../lib/query.js").Query }} props */
function Filters({ query }) {
  /** @type {import("../../lib/hooks.js").Resource<Rest.TypeList>} */
  const { data } = useResource("notification types", (signal) => get("/notifications/types", {}, signal));
  const types = (data?.list ?? []).map(({ code, name, nameEn }) => [code, language.get() === "en" ? nameEn : name]);
  /** @type {(name: string) => (value: string) => void} */
  const choose = (name) => (value) => setQuery({ [name]: value, page: "" }, { replace: true });
  return html`<div class="filters" role="search" aria-label=${t("noticeFilter.label")}>
    <${Segmented} label=${t("noticeFilter.status")} value=${query.status || "all"} testId="notices"
      options=${["all", ...STATUSES].map((status) => [status, t(`noticeStatus.${status}`)])}
      choose=${(/** @type {string} */ status) => choose("status")(status === "all" ? "" : status)} />
    <${Choice} label=${t("noticeFilter.kind")} value=${query.kind} choose=${choose("kind")}
      options=${KINDS.map((kind) => [kind, textOr("noticeKind", kind)])} testId="notices-kind" />
    <${Choice} label=${t("noticeFilter.type")} value=${query.type} choose=${choose("type")} options=${types}
      testId="notices-type" />
    <${Choice} label=${t("noticeFilter.period")} value=${query.period} choose=${choose("period")}
      options=${Object.keys(PERIODS).map((name) => [name, t(`noticePeriod.${name}`)])} testId="notices-period" />
    ${hasFilters(query) && html`<${Button} kind="ghost" icon="close" label=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} testId="filter-clear" />`}
  </div>`;
}

/** @param {{ notices: ReturnType<typeof useNotices>, query: import("../../lib/query.js").Query }} props */
function Rows({ notices: { list, live, rows, read }, query }) {
  if (isPastTheEnd(list, pageOf(query), list.data?.list)) return html`<${PastTheEnd} error=${list.error} />`;
  if (!list.data) {
    return list.error ? html`<${Failure} error=${list.error} retry=${live.reload} />`
      : html`<div class="notice-list"><${Skeleton} lines=${8} /></div>`;
  }
  if (rows.length === 0 && !list.stale) {
    return hasFilters(query)
      ? html`<${Empty} title=${t("notice.noneFound")} hint=${t("notice.noneFoundHint")}
        actionLabel=${t("filter.clear")} action=${() => setQuery(NO_FILTERS)} />`
      : html`<${Empty} title=${t("notice.none")} hint=${t("notice.noneHint")} />`;
  }
  return html`<div class=${`notice-list ${list.stale ? "stale" : ""}`} data-testid="notices">
    <${NoticeGroups} rows=${rows} marks=${live.marks} opened=${read} /></div>`;
}
