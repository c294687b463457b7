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
    <thead><tr><th scope="col">${t("interviews.room")}</th><th scope="col">${t("column.status")}</th>
      <th scope="col" class="wide">${t("interviews.people")}</th><th scope="col" class="wide">${t("interviews.duration")}</th>
      <th scope="col" class="wide">${t("interviews.candidate")}</th><th scope="col" class="wide">${t("interviews.createdAt")}</th>
      <th scope="col">${t("column.actions")}</th></tr></thead>
    <tbody>${rooms ? rooms.map((room) => html`<${Row} key=${room.roomId} room=${room} mark=${marks[room.roomId]} now=${now} ask=${ask} />`)
      : Array.from({ length: SKELETON_ROWS }, (_, index) => html`<tr key=${index} aria-hidden="true"><td colspan="7">
        <span class="skeleton"></span></td></tr>`)}</tbody>
  </table></div>`;
}

/** @param {{ room: Rest.RoomAnswer, mark?: import("../../lib/live-list.js").Mark, now: number, ask: Ask }} props */
function Row({ room, mark, now, ask }) {
  const { live } = room;
  const phase = live?.phase ?? (room.status === "ended" ? "ended" : room.schedule && !room.openedAt ? "scheduled" : room.phase);
  const own = room.hostUserId === currentUser().id;
  return html`<tr class=${mark ? `marked ${mark.kind}` : ""} data-testid=${`interview-${room.roomId}`}>
    <td><span class="name">${room.roomName}</span> <span class="muted small-text">${room.hostName}</span></td>
    <td><${Tag} kind=${KINDS[phase]} title=${room.endReason ? t(`endReason.${room.endReason}`) : undefined}>${t(`phase.${phase}`)}<//></td>
    <td class="wide numeric-text" data-testid="people">${live ? t("interviews.peopleNow", { n: live.people }) : t("interviews.peopleThen", { n: room.participants.length })}
      ${live && live.waiting > 0 && html` <${Tag} kind="warn">${t("interviews.waiting", { n: live.waiting })}<//>`}</td>
    <td class="wide numeric-text">${lasted(room, now)}</td>
    <td class="wide">${[room.candidateName, room.candidatePosition].filter(Boolean).join(" · ") || "—"}</td>
    <td class="wide" title=${dateTime(room.createdAt)}>${phase === "scheduled" ? shortDateTime(room.schedule?.startsAt) : shortDateTime(room.createdAt)}</td>
    <td class="actions">
      ${room.status !== "ended" && own && can("interview:host") && html`<a class="button small primary" href=${`/interview/${encodeURIComponent(room.roomId)}`}
        target="_blank" rel="noopener" data-testid=${`join-${room.roomId}`}>${t("interviews.join")}</a>`}
      ${room.status !== "ended" && html` <${Button} small kind="ghost danger-text" label=${t("interviews.end")} action=${() => { ask("end", room); }}
        testId=${`end-${room.roomId}`} />`}
      ${room.status === "ended" && html`<${Button} small label=${room.rating ? "★".repeat(room.rating) : t("interviews.rate")}
        action=${() => { ask("review", room); }} testId=${`review-${room.roomId}`} />`}</td>
  </tr>`;
}

/**
 * @param {Rest.RoomAnswer} room
 * @param {number} now
 */
function lasted(room, now) {
  if (room.status === "ended") return room.duration == null ? "—" : clockTime(room.duration * 1000);
  return room.startedAt ? clockTime(now - Date.parse(room.startedAt)) : "—";
}
