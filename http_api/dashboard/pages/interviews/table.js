// The interview rooms as a table.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { clockTime, dateTime, shortDateTime } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { roomPage } from "../../lib/rooms.js";
import { can, currentUser } from "../../lib/session.js";
import { Button } from "../../components/button.js";
import { ListTable, Who } from "../../components/list-table.js";
import { Tag } from "../../components/tag.js";

/** @type {Record<string, string>} */
const KINDS = { live: "good", waiting: "warn", hostAbsent: "warn", ended: "neutral", scheduled: "neutral",
  cancelled: "neutral" };

/**
 * @param {{ rooms: Rest.RoomAnswer[] | null, marks: import("../../lib/live-list.js").Marks, ask: Ask }} props
 * @typedef {(kind: string, room: Rest.RoomAnswer) => void} Ask
 */
export function InterviewsTable({ rooms, marks, ask }) {
  const now = useNow(1_000);
  /** @type {import("../../components/list-table.js").Column<Rest.RoomAnswer>[]} */
  const columns = [
    { key: "room", title: t("interviews.room"), cell: ({ roomName, hostName }) => html`<${Who}
      name=${html`<span class="name" title=${roomName}>${roomName}</span>`} more=${hostName} />` },
    { key: "status", title: t("column.status"), width: 112, cell: (room) => html`<${StatusCell} room=${room} />` },
    { key: "people", title: t("interviews.people"), width: 124, from: "wide",
      cell: (room) => html`<${People} room=${room} />` },
    { key: "duration", title: t("interviews.duration"), width: 88, from: "middle",
      cell: (room) => html`<span class="numeric-text">${lasted(room, now)}</span>` },
    { key: "candidate", title: t("interviews.candidate"), width: 132, from: "wide",
      cell: (room) => candidateText(room) || "—", hint: candidateText },
    { key: "createdAt", title: t("interviews.createdAt"), width: 108, from: "wide",
      cell: ({ createdAt }) => shortDateTime(createdAt), hint: ({ createdAt }) => dateTime(createdAt) },
    { key: "actions", title: t("column.actions"), width: 244, from: "middle", actions: true,
      cell: (room) => html`<${Actions} room=${room} ask=${ask} />` },
  ];
  return html`<${ListTable} label=${t("interviews.title")} columns=${columns} rows=${rooms} marks=${marks}
    skeletons=${4} idOf=${roomIdOf} testId="interviews-table"
    rowTestId=${(/** @type {Rest.RoomAnswer} */ { roomId }) => `interview-${roomId}`} />`;
}

/** @param {Rest.RoomAnswer} room */
const candidateText = ({ candidateName, candidatePosition }) =>
  [candidateName, candidatePosition].filter(Boolean).join(" · ");

/** @param {Rest.RoomAnswer} room */
const roomIdOf = ({ roomId }) => roomId;

/** @param {Rest.RoomAnswer} room */
function phaseOf(room) {
  if (room.live) return room.live.phase;
  if (room.status === "ended") return room.endReason === "cancelled" ? "cancelled" : "ended";
  return room.schedule && !room.openedAt ? "scheduled" : room.phase;
}

/** @param {Rest.RoomAnswer} room */
const neverOpened = (room) => ["scheduled", "cancelled"].includes(phaseOf(room));

/** @param {{ room: Rest.RoomAnswer }} props */
export function StatusCell({ room }) {
  const phase = phaseOf(room);
  const startsAt = room.schedule?.startsAt;
  return html`<${Tag} kind=${KINDS[phase]} title=${room.endReason ? t(`endReason.${room.endReason}`) : undefined}>
    ${t(`phase.${phase}`)}<//>${phase === "scheduled" && html`<span class="starts-at" title=${dateTime(startsAt)}>
      ${shortDateTime(startsAt)}</span>`}`;
}

/** @param {{ room: Rest.RoomAnswer }} props */
function People({ room }) {
  const { live, participants } = room;
  return html`<span class="numeric-text" data-testid="people">${neverOpened(room) ? "—"
    : live ? t("interviews.peopleNow", { n: live.people }) : t("interviews.peopleThen", { n: participants.length })}
    ${live && live.waiting > 0 && html` <${Tag} kind="warn">
      ${t("interviews.waiting", { n: live.waiting })}<//>`}</span>`;
}

/** @param {{ room: Rest.RoomAnswer, ask: Ask }} props */
export function Actions({ room, ask }) {
  const { roomId, rating, status, hostUserId } = room;
  if (phaseOf(room) === "cancelled") return null;
  if (status === "ended") {
    return html`<${Button} small label=${rating ? "★".repeat(rating) : t("interviews.rate")}
      action=${() => { ask("review", room); }} testId=${`review-${roomId}`} />`;
  }
  const hosts = hostUserId === currentUser().id && can("interview:host");
  const scheduled = status === "scheduled";
  /** @param {string} kind @param {string} [look] */
  const button = (kind, look = "") => html`<${Button} small kind=${look} label=${t(`interviews.${kind}`)}
    action=${() => { ask(kind, room); }} testId=${`${kind}-${roomId}`} />`;
  return html`<div class="row-actions">
    ${hosts && html`<a class="button small primary" href=${roomPage(roomId)} target="_blank"
      rel="noopener" data-testid=${`join-${roomId}`}>${t(scheduled ? "interviews.start" : "interviews.join")}</a>
      ${scheduled && button("invite")} ${scheduled && button("reschedule")}`}
    ${button(scheduled ? "cancel" : "end", "ghost danger-text")}</div>`;
}

/**
 * @param {Rest.RoomAnswer} room
 * @param {number} now
 */
function lasted(room, now) {
  if (neverOpened(room)) return "—";
  if (room.status === "ended") return room.duration == null ? "—" : clockTime(room.duration * 1000);
  return room.startedAt ? clockTime(now - Date.parse(room.startedAt)) : "—";
}
