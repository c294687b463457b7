// The staff whose dashboard is open right now, live; a connection can be ended.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t, textOr } from "../../lib/i18n.js";
import { dateTime, duration, number } from "../../lib/format.js";
import { useNow, useResource } from "../../lib/hooks.js";
import { askNamespace, connection as line, useNamespace } from "../../lib/live.js";
import { useMarks } from "../../lib/live-list.js";
import { can, currentUser } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Avatar } from "../../components/avatar.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { Icon } from "../../components/icons.js";
import { ListTable, Who } from "../../components/list-table.js";
import { Empty, Failure } from "../../components/states.js";
import { Tag } from "../../components/tag.js";
import { toast } from "../../components/toast.js";

const LEAVING_MS = 4_000; // a row that left stays for a while, dimmed, so that the list does not jump

export function Connections() {
  /** @type {import("../../lib/hooks.js").Resource<Rest.ConnectionList>} */
  const list = useResource("connections", (signal) => get("/realtime/connections", {}, signal));
  const [pushed, setPushed] = useState(/** @type {Connection[] | null} */ (null));
  const [asked, setAsked] = useState(/** @type {Connection | null} */ (null));
  const { marks, mark } = useMarks();
  const rows = pushed ?? list.data?.list ?? null;
  const { state } = useStore(line);
  const live = state === "live";

  /**
   * Also edits what was read: it is shown until the snapshot arrives, and a slow answer must not win over it.
   * @param {(rows: Connection[]) => Connection[]} edit
   */
  function change(edit) {
    setPushed((shown) => shown && edit(shown));
    list.change((data) => ({ ...data, list: edit(data.list) }));
  }
  /**
   * Also called for a connection that is shown already: it opened another namespace, or upgraded to WebSocket.
   * @param {Push.ConnectedPush} push
   */
  function arrived({ connection }) {
    /** @param {Connection} row */
    const same = ({ id }) => id === connection.id;
    if (!rows?.some(same)) mark(connection.id, { kind: "fresh" });
    change((shown) => (shown.some(same) ? shown.map((row) => (same(row) ? connection : row)) : [connection, ...shown]));
  }
  /**
   * The snapshot has at most so many connections; the list of the REST interface has all.
   * @param {Push.ConnectionsSnapshot} snapshot
   */
  function started(snapshot) {
    if (snapshot.total > snapshot.list.length) list.reload();
    else setPushed(snapshot.list);
  }
  /** @param {Push.DisconnectedPush} push */
  function left({ id }) {
    mark(id, { kind: "left" });
    setTimeout(() => change((shown) => shown.filter((row) => row.id !== id)), LEAVING_MS);
  }
  useNamespace("/connections", {
    snapshot: started, connected: arrived, disconnected: left, gap: list.reload,
  });
  // After the namespace was opened; each reconnection has a new id.
  const own = useResource(`own ${state}`, async () => (live ? (await askNamespace("/connections", "own")).id : null));

  /** @param {string} reason */
  async function disconnect(reason) {
    const path = `/realtime/connections/${encodeURIComponent(asked?.id ?? "")}/disconnect`;
    const { message } = await call("POST", path, { body: reason ? { reason } : {} });
    toast(message || t("action.done"));
  }

  const count = rows?.filter(({ id }) => marks[id]?.kind !== "left").length;
  return html`<div class="page">
    <div class="page-head"><div><h1>${t("connections.title")}</h1><p class="muted">
      ${rows ? t("connections.count", { n: number(count) }) : list.loading && t("state.loading")}</p></div></div>
    <section class="panel list-panel">
      ${list.error && !rows ? html`<${Failure} error=${list.error} retry=${list.reload} />`
        : rows?.length === 0 ? html`<${Empty} title=${t("connections.none")} hint=${t("connections.noneHint")} />`
        : html`<${ConnectionTable} rows=${rows} marks=${marks} ownId=${own.data} live=${live}
          ask=${setAsked} />`}
    </section>
    ${asked && html`<${Confirm} title=${t("connections.askTitle", { name: asked.name })}
      text=${t("connections.askText")}
      confirmLabel=${t("connections.disconnect")}
      danger reason="optional" work=${disconnect} close=${() => setAsked(null)} />`}
  </div>`;
}

/**
 * `ownId`: the connection of this page. Without a live connection the list is out of date, and no row can be ended.
 * @param {{ rows: Connection[] | null, marks: import("../../lib/live-list.js").Marks, ownId: string | null,
 * live: boolean, ask: (row: Connection) => void }} props
 * @typedef {Rest.Connection} Connection
 */
function ConnectionTable({ rows, marks, ownId, live, ask }) {
  const now = useNow();
  const isGone = (/** @type {Connection} */ { id }) => marks[id]?.kind === "left";
  /** @type {import("../../components/list-table.js").Column<Connection>[]} */
  const columns = [
    { key: "staff", title: t("connections.staff"),
      cell: (row) => html`<${StaffCell} row=${row} own=${row.id === ownId} />` },
    { key: "device", title: t("connections.device"), width: 184, from: "wide",
      cell: (row) => html`<${Device} row=${row} />` },
    { key: "address", title: t("connections.address"), width: 136, from: "wide",
      cell: ({ address }) => address || "—" },
    { key: "subscriptions", title: t("connections.subscriptions"), width: 216, from: "wide",
      cell: (row) => html`<${Subscriptions} row=${row} />` },
    { key: "since", title: t("connections.since"), width: 96, hint: ({ connectedAt }) => dateTime(connectedAt),
      cell: (row) => (isGone(row) ? html`<span class="muted">${t("connections.left")}</span>`
        : duration(row.connectedAt, now)) },
  ];
  if (can("connection:disconnect")) {
    columns.push({ key: "actions", title: t("column.actions"), width: 120, from: "middle", actions: true,
      cell: (row) => !isGone(row) && row.id !== ownId && html`<${Button} small kind="ghost danger-text"
        label=${t("connections.disconnect")} disabled=${!live} title=${live ? undefined : t("connections.notLive")}
        action=${() => { ask(row); }} testId=${`disconnect-${row.id}`} />` });
  }
  return html`<${ListTable} label=${t("connections.title")} columns=${columns} rows=${rows} marks=${marks}
    skeletons=${4} testId="connections-table"
    rowTestId=${(/** @type {Connection} */ { id }) => `connection-row-${id}`} />`;
}

const PHONES = /mobile|android|iphone|ipad|miniprogram|micromessenger/i;

/** @param {{ row: Connection, own: boolean }} props */
function StaffCell({ row, own }) {
  const mine = own ? "connections.thisPage" : row.staffId === currentUser().id && "connections.you";
  return html`<${Who} picture=${html`<${Avatar} name=${row.name} seed=${row.staffId} size=${36} />`}
    name=${html`<span class="with-tag"><span class="name">${row.name}</span>
      ${mine && html`<${Tag} kind=${own ? "good" : "neutral"}>${t(mine)}<//>`}</span>`}
    more=${textOr("role", row.role)} />`;
}

/** @param {{ row: Connection }} props */
const Device = ({ row }) => html`<span class="with-icon"><${Icon}
  name=${PHONES.test(row.device ?? "") ? "phone" : "desktop"} size=${16} /><span class="agent"
  title=${row.userAgent ?? row.device}>${row.device || "—"}</span></span>`;

/** @param {{ row: Connection }} props */
const Subscriptions = ({ row }) => html`<span class="tags">
  ${(row.namespaces ?? []).map((name) => html`<${Tag} key=${name}
    title=${name}>${textOr("subscription", name.slice(1))}<//>`)}
  ${row.transport === "polling" && html`<${Tag} kind="warn">${t("connections.polling")}<//>`}</span>`;
