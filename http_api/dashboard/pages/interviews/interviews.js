// Interview rooms, live: phase, people, duration; to create, schedule, start, join, end and review one.
import { html, useMemo, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number, toTheMinute } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { isPastTheEnd, pageOf, pageSizeOf } from "../../lib/paging.js";
import { route, setQuery } from "../../lib/router.js";
import { roomPath } from "../../lib/rooms.js";
import { can } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { Dialog } from "../../components/dialog.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { Invitations } from "../../components/invitations.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { SearchField } from "../../components/search-field.js";
import { Segmented } from "../../components/segmented.js";
import { Empty, Failure } from "../../components/states.js";
import { toast } from "../../components/toast.js";
import { InterviewDrawer } from "./drawer.js";
import { InterviewForm, InterviewReview, InterviewTime } from "./forms.js";
import { InterviewsTable } from "./table.js";

const STATUSES = ["active", "scheduled", "ended", "all"];
/** @param {import("../../lib/router.js").Query} query */
const statusOf = ({ status }) => (STATUSES.includes(status) ? status : "active");

/** @typedef {"invite" | "reschedule" | "cancel" | "end" | "review"} RoomDialog */
/** @typedef {{ kind: "create" } | { kind: RoomDialog, room: Rest.RoomAnswer }} InterviewDialog */

export function Interviews() {
  const { query } = useStore(route);
  const asked = useMemo(() => listQuery(query), [JSON.stringify(query)]);
  const key = JSON.stringify(asked);
  // Managers see all rooms, hosts their own.
  const path = can("interview:manage") ? "/interview/admin/rooms" : "/interview/rooms";
  /** @type {import("../../lib/hooks.js").Resource<Rest.Page_RoomAnswer_>} */
  const list = useResource(key, (signal) => get(path, asked, signal));
  /** @type {ReturnType<typeof useLiveList<Rest.RoomAnswer>>} */
  const live = useLiveList({ list, key, idOf: ({ roomId }) => roomId, read: (roomId) => get(roomPath(roomId)) });
  /** @param {Push.InterviewChangedPush} push */
  function onChange({ roomId }) {
    if (live.find(roomId)) live.refresh(roomId);
    else live.newcomer(roomId);
    if (roomId === query.room) changed();
  }
  useNamespace("/interviews", { interviewChanged: onChange, gap: live.reload });
  const [revision, setRevision] = useState(0); // a higher one makes an open drawer read again
  const changed = () => setRevision((count) => count + 1);
  const [dialog, setDialog] = useState(/** @type {InterviewDialog | null} */ (null));
  const close = () => setDialog(null);
  const closeForm = () => setDialog((shown) => (shown?.kind === "create" ? null : shown)); // `made` may show another one
  /** @param {RoomDialog} kind @param {Rest.RoomAnswer} room */
  const ask = (kind, room) => setDialog({ kind, room });

  /** @param {Rest.RoomAnswer} room */
  function made(room) {
    live.reload();
    if (room.status !== "scheduled") return;
    setQuery({ status: "scheduled", search: "", page: "" }); // where it is listed
    ask("invite", room);
  }

  /** @param {Rest.RoomAnswer} room */
  function saved(room) {
    live.replace(room);
    changed();
  }

  return html`<div class="page">
    <div class="page-head"><div><h1>${t("interviews.title")}</h1><p class="muted" aria-live="polite">
        ${list.data ? t("interviews.count", { n: number(list.data.total) }) : list.loading && t("state.loading")}</p></div>
      ${can("interview:host") && html`<${Button} kind="primary" icon="plus" label=${t("interviews.create")}
        action=${() => setDialog({ kind: "create" })} testId="interview-create" />`}</div>
    <section class="panel list-panel">
      <div class="filters"><${SearchField} value=${query.search ?? ""} label=${t("interviews.search")}
        testId="interviews-search" />
        <${Segmented} label=${t("filter.status")} value=${statusOf(query)} testId="interviews"
          options=${STATUSES.map((status) => [status, t(`interviews.${status}`)])}
          choose=${(/** @type {string} */ status) =>
            setQuery({ status: status === "active" ? "" : status, page: "" })} /></div>
      <${FreshRows} count=${live.fresh} text=${t("interviews.fresh", { n: live.fresh })} show=${live.reload}
        testId="new-interviews" />
      ${isPastTheEnd(list, asked.page, list.data?.list) ? html`<${PastTheEnd} error=${list.error} />`
        : list.error && !list.data ? html`<${Failure} error=${list.error} retry=${list.reload} />`
        : list.data?.list.length === 0 ? html`<${Empty} title=${t("interviews.none")}
          hint=${t(asked.status === "active" ? "interviews.noneActiveHint" : "interviews.noneHint")} />`
        : html`<${InterviewsTable} rooms=${list.data?.list ?? null} marks=${live.marks}
          ask=${ask} />`}
      ${list.data && list.data.total > 0 && html`<${Pagination} total=${list.data.total} page=${list.data.page}
        pageSize=${list.data.pageSize} />`}
    </section>
    ${query.room && html`<${InterviewDrawer} key=${query.room} roomId=${query.room} revision=${revision} ask=${ask}
      close=${() => setQuery({ room: "" }, { replace: true })} />`}
    ${dialog?.kind === "create" && html`<${InterviewForm} close=${closeForm} made=${made} />`}
    ${dialog && dialog.kind !== "create" && html`<${RoomDialogs} ...${dialog} close=${close}
      saved=${saved} />`}
  </div>`;
}

/**
 * @param {{ kind: RoomDialog, room: Rest.RoomAnswer, saved: (room: Rest.RoomAnswer) => void,
 * close: () => void }} props
 */
function RoomDialogs({ kind, room, saved, close }) {
  async function end() {
    const { message } = await call("POST", `${roomPath(room.roomId)}/end`, { body: {} });
    toast(kind === "cancel" ? t("endReason.cancelled") : message);
  }
  if (kind === "review") return html`<${InterviewReview} room=${room} saved=${saved} close=${close} />`;
  if (kind === "reschedule") return html`<${InterviewTime} room=${room} saved=${saved} close=${close} />`;
  if (kind === "invite") return html`<${InviteDialog} room=${room} close=${close} />`;
  return html`<${Confirm} title=${t(`interviews.${kind}Title`, { name: room.roomName })}
    text=${t(`interviews.${kind}Text`)} confirmLabel=${t(`interviews.${kind}Confirm`)} danger
    work=${end} close=${close} />`;
}

/** @param {{ room: Rest.RoomAnswer, close: () => void }} props */
function InviteDialog({ room, close }) {
  const time = toTheMinute(room.schedule?.startsAt);
  return html`<${Dialog} label=${t("interviews.inviteTitle")} close=${close} testId="invite-dialog"><div
    class="confirm"><h2>${t("interviews.inviteTitle")}</h2>
    <p class="muted">${room.roomName} · ${t("interviews.bookedFor", { time })}</p>
    <${Invitations} roomId=${room.roomId} ahead />
    <div class="form-actions"><${Button} label=${t("action.close")} action=${close} testId="invite-close" /></div>
  </div><//>`;
}

/** @param {import("../../lib/router.js").Query} query */
function listQuery(query) {
  const pageSize = pageSizeOf(query);
  const status = statusOf(query);
  return { page: pageOf(query), pageSize, search: query.search ?? "", status: status === "all" ? "" : status };
}
