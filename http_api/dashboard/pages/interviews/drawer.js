// One interview in full, with the actions that the reader may take.
import { html, useEffect } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { clockTime, dateTime } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { roomPath } from "../../lib/rooms.js";
import { Drawer } from "../../components/drawer.js";
import { Failure, Skeleton } from "../../components/states.js";
import { Actions, StatusCell } from "./table.js";

/**
 * A higher `revision` means that the interview was changed: the drawer reads again.
 * @param {{ roomId: string, revision: number, ask: import("./table.js").Ask, close: () => void }} props
 */
export function InterviewDrawer({ roomId, revision, ask, close }) {
  /** @type {import("../../lib/hooks.js").Resource<Rest.RoomAnswer>} */
  const { data: room, error, reload } = useResource(roomId, (signal) => get(roomPath(roomId), {}, signal));
  useEffect(() => { if (revision) reload(); }, [revision]);

  return html`<${Drawer} label=${t("interviews.details")} close=${close} testId="interview-drawer"
      title=${html`<h2>${room?.roomName ?? t("interviews.details")}</h2>
        ${room && html`<p><${StatusCell} room=${room} /></p>`}`}>
    <div class="drawer-content">${room ? html`<${Facts} room=${room} />`
      : error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${6} />`}</div>
    ${room && html`<footer class="drawer-foot"><${Actions} room=${room} ask=${ask} /></footer>`}
  <//>`;
}

/** @param {{ room: Rest.RoomAnswer }} props */
function Facts({ room }) {
  const { schedule, startedAt, duration, participants, rating } = room;
  /** @type {[string, unknown][]} */
  const facts = [
    ["host", room.hostName], ["candidate", room.candidateName], ["position", room.candidatePosition],
    ["createdAt", dateTime(room.createdAt)], ["scheduledFor", schedule && dateTime(schedule.startsAt)],
    ["startedAt", startedAt && dateTime(startedAt)], ["duration", duration != null && clockTime(duration * 1000)],
    ["people", participants.map(({ userName }) => userName).join("、")], ["rating", rating && "★".repeat(rating)],
    ["note", room.interviewNote],
  ];
  return html`<section><dl>${facts.map(([name, value]) => html`<div class="fact" key=${name}>
    <dt>${t(`interviews.${name}`)}</dt><dd>${value || "—"}</dd></div>`)}</dl></section>`;
}
