// The interview rooms as a table.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { clockTime, dateTime, shortDateTime } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { can, currentUser } from "../../lib/session.js";
import { Button } from "../../components/button.js";
import { Tag } from "../../components/tag.js";

const SKELETON_ROWS = 4;
/** @type {Record<string, string>} */
const KINDS = { live: "good", waiting: "warn", hostAbsent: "warn", ended: "neutral", scheduled: "neutral" };

/**
 * @param {{ rooms: Rest.RoomAnswer[] | null, marks: import("../../lib/live-list.js").Marks, ask: Ask }} props
 * @typedef {(kind: string, room: Rest.RoomAnswer) => void} Ask
 */
export function InterviewsTable({ rooms, marks, ask }) {
  const now = useNow(1_000);
  return html`<div class="table-scroll"><table class="list-table" aria-busy=${!rooms} data-testid="interviews-table">
    <caption class="visually-hidden">${t("interviews.title")}</caption>
    <thead><tr>
      <th scope="col">${t("interviews.room")}</th>
      <th scope="col">${t("column.status")}</th>
      <th scope="col" class="wide">${t("interviews.people")}</th>
      <th scope="col" class="wide">${t("interviews.duration")}</th>
      <th scope="col" class="wide">${t("interviews.candidate")}</th>
      <th scope="col" class="wide">${t("interviews.createdAt")}</th>
      <th scope="col">${t("column.actions")}</th>
    </tr></thead>
    <tbody>${rooms
      ? rooms.map((room) => html`<${Row} key=${room.roomId} room=${room} mark=${marks[room.roomId]} now=${now}
        ask=${ask} />`)
      : Array.from({ length: SKELETON_ROWS }, (_, index) => html`<tr key=${index} aria-hidden="true"><td colspan="7">
        <span class="skeleton"></span></td></tr>`)}</tbody>
  </table></div>`;
}

/** @param {Rest.RoomAnswer} room */
function phaseOf(room) {
  if (room.live) return room.live.phase;
  if (room.status === "ended") return "ended";
  return room.schedule && !room.openedAt ? "scheduled" : room.phase;
}

/** @param {{ room: Rest.RoomAnswer, mark?: import("../../lib/live-list.js").Mark, now: number, ask: Ask }} props */
function Row({ room, mark, now, ask }) {
  const { live, roomId, roomName, hostName, candidateName, candidatePosition, createdAt, endReason } = room;
  const phase = phaseOf(room);
  return html`<tr class=${mark ? `marked ${mark.kind}` : ""} data-testid=${`interview-${roomId}`}>
    <td><div class="who-text"><span class="name">${roomName}</span>
      <span class="muted small-text">${hostName}</span></div></td>
    <td><${Tag} kind=${KINDS[phase]} title=${endReason ? t(`endReason.${endReason}`) : undefined}>
      ${t(`phase.${phase}`)}<//>${phase === "scheduled" && html`<span class="starts-at"
        title=${dateTime(room.schedule?.startsAt)}>${shortDateTime(room.schedule?.startsAt)}</span>`}</td>
    <td class="wide numeric-text" data-testid="people">
      ${phase === "scheduled" ? "—" : live ? t("interviews.peopleNow", { n: live.people })
        : t("interviews.peopleThen", { n: room.participants.length })}
      ${live && live.waiting > 0 && html` <${Tag} kind="warn">${t("interviews.waiting", { n: live.waiting })}<//>`}</td>
    <td class="wide numeric-text">${lasted(room, now)}</td>
    <td class="wide">${[candidateName, candidatePosition].filter(Boolean).join(" · ") || "—"}</td>
    <td class="wide" title=${dateTime(createdAt)}>${shortDateTime(createdAt)}</td>
    <td class="actions"><${Actions} room=${room} ask=${ask} /></td>
  </tr>`;
}

/** @param {{ room: Rest.RoomAnswer, ask: Ask }} props */
function Actions({ room, ask }) {
  const { roomId, rating, status, hostUserId } = room;
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
    ${hosts && html`<a class="button small primary" href=${`/interview/${encodeURIComponent(roomId)}`} target="_blank"
      rel="noopener" data-testid=${`join-${roomId}`}>${t(scheduled ? "interviews.start" : "interviews.join")}</a>
      ${scheduled && button("invite")} ${scheduled && button("reschedule")}`}
    ${button(scheduled ? "cancel" : "end", "ghost danger-text")}</div>`;
}

/**
 * @param {Rest.RoomAnswer} room
 * @param {number} now
 */
function lasted(room, now) {
  if (room.status === "ended") return room.duration == null ? "—" : clockTime(room.duration * 1000);
  return room.startedAt ? clockTime(now - Date.parse(room.startedAt)) : "—";
}
