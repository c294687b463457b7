// Forms of an interview: a new one, now or scheduled; another time; the review of the worker afterwards. What was typed
// stays when the server refuses, as the fields have no `value` that a redraw would set.
import { html, useState } from "../../lib/view.js";
import { call } from "../../lib/api.js";
import { instantOf, shortDateTime, toTheMinute } from "../../lib/format.js";
import { useSubmit } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { roomPage, roomPath } from "../../lib/rooms.js";
import { currentUser } from "../../lib/session.js";
import { ActiveRoom } from "../../components/active-room.js";
import { Button } from "../../components/button.js";
import { DateTimeField } from "../../components/date-field.js";
import { Dialog } from "../../components/dialog.js";
import { Select } from "../../components/select.js";
import { Problem } from "../../components/states.js";
import { toast } from "../../components/toast.js";

const HOUR_MS = 3_600_000;
const MOST_IN_A_MESH = 4;

/** @param {{ close: () => void, made: (room: Rest.RoomAnswer) => void }} props */
export function InterviewForm({ close, made }) {
  const user = currentUser();
  const { problem, busy, submit } = useSubmit(async (typed) => {
    const startsAt = typed("startsAt");
    const schedule = startsAt ? scheduleFrom(startsAt) : undefined;
    const { data, message } = await call("POST", "/interview/rooms", {
      body: {
        roomName: typed("roomName").trim(), candidateName: typed("candidateName").trim(),
        candidatePosition: typed("candidatePosition").trim(), mediaMode: "mesh", schedule,
        settings: { lobbyEnabled: typed("lobbyEnabled") === "on", maxParticipants: MOST_IN_A_MESH },
        onConflict: "reject",
      },
    });
    if (!schedule) toast(message);
    made(data);
    if (!schedule) window.open(roomPage(data.roomId), "_blank", "noopener");
    close();
  });

  return html`<${Dialog} label=${t("interviews.create")} close=${() => busy || close()} testId="interview-form"><form
    class="confirm" onSubmit=${submit}>
    <h2>${t("interviews.create")}</h2>
    <label class="field"><span>${t("interviews.room")}</span><input name="roomName" maxlength="100" required
      defaultValue=${t("interviews.roomOf", { name: user.name || user.username })} data-testid="interview-name" /></label>
    <label class="field"><span>${t("interviews.candidate")}</span><input name="candidateName" maxlength="100" /></label>
    <label class="field"><span>${t("interviews.position")}</span><input name="candidatePosition"
      maxlength="100" /></label>
    <label class="field"><span>${t("interviews.startsAt")}</span>
      <${DateTimeField} name="startsAt" /></label>
    <label class="check-field"><input name="lobbyEnabled" type="checkbox"
      data-testid="interview-lobby" /> <span>${t("setting.lobbyEnabled")}</span></label>
    ${problem && html`<${Problem} error=${problem} /><${ActiveRoom} error=${problem} />`}
    <div class="form-actions"><${Button} label=${t("action.cancel")} action=${close} disabled=${busy} />
      <${Button} type="submit" kind="primary" busy=${busy} label=${t("interviews.createNow")}
        testId="interview-save" /></div>
  </form><//>`;
}

/** @param {{ room: Rest.RoomAnswer, saved: (room: Rest.RoomAnswer) => void, close: () => void }} props */
export function InterviewTime({ room, saved, close }) {
  const { problem, busy, submit } = useSubmit(async (typed) => {
    const schedule = scheduleFrom(typed("startsAt"));
    const { data } = await call("PATCH", roomPath(room.roomId), { body: { schedule } });
    toast(t("interviews.rescheduled", { time: shortDateTime(data.schedule.startsAt) }));
    saved(data);
    close();
  });
  return html`<${Dialog} label=${t("interviews.reschedule")} close=${() => busy || close()}><form class="confirm"
    onSubmit=${submit}>
    <h2>${t("interviews.reschedule")}</h2><p class="muted">${room.roomName} · ${room.candidateName || "—"}</p>
    <label class="field"><span>${t("interviews.newTime")}</span><${DateTimeField} name="startsAt" required
      value=${typedFrom(room.schedule?.startsAt)} /></label>
    <p class="muted small-text">${t("interviews.rescheduleHint")}</p>
    ${problem && html`<${Problem} error=${problem} />`}
    <div class="form-actions"><${Button} label=${t("action.cancel")} action=${close} disabled=${busy} />
      <${Button} type="submit" kind="primary" busy=${busy} label=${t("action.save")} testId="reschedule-save" /></div>
  </form><//>`;
}

/** @param {{ room: Rest.RoomAnswer, saved: (room: Rest.RoomAnswer) => void, close: () => void }} props */
export function InterviewReview({ room, saved, close }) {
  const [rating, setRating] = useState(String(room.rating ?? ""));
  const { problem, busy, submit } = useSubmit(async (typed) => {
    const { data, message } = await call("PATCH", roomPath(room.roomId), {
      body: { rating: Number(rating) || null, interviewNote: typed("interviewNote") },
    });
    toast(message);
    saved(data);
    close();
  });
  return html`<${Dialog} label=${t("interviews.rate")} close=${() => busy || close()}><form class="confirm"
    onSubmit=${submit}>
    <h2>${t("interviews.rate")}</h2><p class="muted">${room.roomName} · ${room.candidateName || "—"}</p>
    <label class="field"><span>${t("interviews.rating")}</span>
      <${Select} label=${t("interviews.rating")} value=${rating} choose=${setRating} data-testid="review-rating"
        options=${[["", "—"], ...[5, 4, 3, 2, 1].map((stars) => [String(stars), "★".repeat(stars)])]} /></label>
    <label class="field"><span>${t("interviews.note")}</span><textarea name="interviewNote" rows="4" maxlength="2000"
      defaultValue=${room.interviewNote ?? ""}></textarea></label>
    ${problem && html`<${Problem} error=${problem} />`}
    <div class="form-actions"><${Button} label=${t("action.cancel")} action=${close} disabled=${busy} />
      <${Button} type="submit" kind="primary" busy=${busy} label=${t("action.save")} testId="review-save" /></div>
  </form><//>`;
}

/** @param {string} typed */
const scheduleFrom = (typed) => ({ startsAt: instantOf(typed), endsAt: instantOf(typed, HOUR_MS) });

/** @param {string | undefined} startsAt */
const typedFrom = (startsAt) => (startsAt ? toTheMinute(startsAt).replace(" ", "T") : "");
