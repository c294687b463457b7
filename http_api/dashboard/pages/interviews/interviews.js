// Interview rooms as they are right now: phase, people, duration; making one, going in, ending it, rating it.
import { html, useMemo, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { route, setQuery } from "../../lib/router.js";
import { can } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { PAGE_SIZES, PastTheEnd, Pagination, isPastTheEnd, pageOf } from "../../components/pagination.js";
import { SearchField } from "../../components/search-field.js";
import { Empty, Failure } from "../../components/states.js";
import { toast } from "../../components/toast.js";
import { InterviewForm, InterviewReview } from "./forms.js";
import { InterviewsTable } from "./table.js";

const STATUSES = ["active", "ended", "all"];
const statusOf = ({ status }) => (STATUSES.includes(status) ? status : "active");
export const roomPath = (roomId) => `/interview/rooms/${encodeURIComponent(roomId)}`;

export function Interviews() {
  const { query } = useStore(route);
  const asked = useMemo(() => listQuery(query), [JSON.stringify(query)]);
  const key = JSON.stringify(asked);
  // Managers see everybody's rooms, hosts their own.
  const path = can("interview:manage") ? "/interview/admin/rooms" : "/interview/rooms";
  const list = useResource(key, (signal) => get(path, asked, signal));
  const live = useLiveList({ list, key, idOf: ({ roomId }) => roomId, read: (roomId) => get(roomPath(roomId)) });
  useNamespace("/interviews", {
    interviewChanged: ({ roomId }) => (live.find(roomId) ? live.refresh(roomId) : live.newcomer(roomId)),
    gap: live.reload,
  });
  const [dialog, setDialog] = useState(null); // { kind: create, end or review; room }
  const close = () => setDialog(null);

  async function end() {
    const { message } = await call("POST", `${roomPath(dialog.room.roomId)}/end`, { body: {} });
    toast(message || t("action.done"));
  }

  return html`<div class="page">
    <div class="page-head"><div><h1>${t("interviews.title")}</h1><p class="muted" aria-live="polite">
        ${list.data ? t("interviews.count", { n: number(list.data.total) }) : list.loading && t("state.loading")}</p></div>
      ${can("interview:host") && html`<${Button} kind="primary" icon="plus" label=${t("interviews.create")}
        action=${() => setDialog({ kind: "create" })} testId="interview-create" />`}</div>
    <section class="panel list-panel">
      <div class="filters"><${SearchField} value=${query.search ?? ""} label=${t("interviews.search")} slash testId="interviews-search" />
        <div class="segmented" role="group" aria-label=${t("filter.status")}>${STATUSES.map((status) => html`<button type="button" key=${status}
          aria-pressed=${statusOf(query) === status} onClick=${() => setQuery({ status: status === "active" ? "" : status, page: "" })}
          data-testid=${`interviews-${status}`}>${t(`interviews.${status}`)}</button>`)}</div></div>
      ${live.fresh > 0 && html`<div class="pill-row" aria-live="polite"><button type="button" class="pill" onClick=${live.reload}
        data-testid="new-interviews">${t("interviews.fresh", { n: live.fresh })}</button></div>`}
      ${isPastTheEnd(list, asked.page, list.data?.list) ? html`<${PastTheEnd} error=${list.error} />`
        : list.error && !list.data ? html`<${Failure} error=${list.error} retry=${list.reload} />`
        : list.data?.list.length === 0 ? html`<${Empty} title=${t("interviews.none")} hint=${t("interviews.noneHint")} />`
        : html`<${InterviewsTable} rooms=${list.data?.list ?? null} marks=${live.marks} ask=${(kind, room) => setDialog({ kind, room })} />`}
      ${list.data?.total > 0 && html`<${Pagination} total=${list.data.total} page=${list.data.page} pageSize=${list.data.pageSize}
        setPage=${(page) => setQuery({ page: page === 1 ? "" : page })}
        setPageSize=${(size) => setQuery({ pageSize: size === PAGE_SIZES[0] ? "" : size, page: "" })} />`}
    </section>
    ${dialog?.kind === "create" && html`<${InterviewForm} close=${close} made=${live.reload} />`}
    ${dialog?.kind === "review" && html`<${InterviewReview} room=${dialog.room} saved=${(room) => live.replace(room)} close=${close} />`}
    ${dialog?.kind === "end" && html`<${Confirm} title=${t("interviews.endTitle", { name: dialog.room.roomName })} text=${t("interviews.endText")}
      confirmLabel=${t("interviews.end")} danger work=${end} close=${close} />`}
  </div>`;
}

function listQuery(query) {
  const pageSize = PAGE_SIZES.find((size) => String(size) === query.pageSize) ?? PAGE_SIZES[0];
  const status = statusOf(query);
  return { page: pageOf(query), pageSize, search: query.search ?? "", status: status === "all" ? "" : status };
}
