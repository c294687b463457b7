// Admission of the reader: asked before camera and name, and again until a scheduled interview starts.
import { createStore } from "../../lib/store.js";
import { call, get } from "../../lib/api.js";
import { ApiError } from "../../lib/http.js";
import { roomPath } from "../../lib/rooms.js";
import { currentUser } from "../../lib/session.js";
import { refuse } from "./call.js";
import { inquire, isGuest, roomId } from "./identity.js";

const ASK_AGAIN_MS = 4_000;
const PATH = roomPath(roomId);

/**
 * `early`: the interview is scheduled, and someone else starts it. `starts`: the reader starts it by entering.
 * `offline`: the server did not answer; it is asked again.
 * @typedef {{ place: "asking" | "early" | "open", offline: boolean, starts: boolean, host: boolean,
 *   hostName: string, name: string, startsAt: string | null }} Admission
 */

export const admission = createStore(/** @type {Admission} */ ({
  place: "asking", offline: false, starts: false, host: false, hostName: "", name: "", startsAt: null,
}));

/** @type {number | undefined} */
let timer;

export async function ask() {
  clearTimeout(timer);
  try {
    admission.patch({ offline: false, ...(isGuest() ? await ofGuest() : await ofStaff()) });
  } catch (error) {
    if (error.status === 401 && !isGuest()) return; // the log-in is shown, and then asked again
    if (isFinal(error)) return refuse(error);
    admission.patch({ offline: true });
  }
  if (admission.get().place !== "open") timer = setTimeout(ask, ASK_AGAIN_MS + Math.random() * 1_000);
}

/** @param {{ status: number }} error */
const isFinal = ({ status }) => status >= 400 && status < 500 && status !== 429;

/** Opens the scheduled interview of this host. Throws ApiError. */
export async function start() {
  if (!admission.get().starts) return;
  await call("POST", `${PATH}/open`, { body: { onConflict: "reject" } });
  admission.patch({ starts: false });
}

/** @returns {Promise<Partial<Admission>>} */
async function ofGuest() {
  const { open, hostName, name, startsAt } = await inquire();
  return { place: open ? "open" : "early", hostName, name, startsAt };
}

/** @returns {Promise<Partial<Admission>>} */
async function ofStaff() {
  /** @type {Rest.RoomAnswer} */
  const { status, hostUserId, hostName, schedule, endReason } = await get(PATH);
  if (status === "ended") throw new ApiError("", { code: "ROOM_ENDED", status: 422, details: { endReason } });
  const host = hostUserId === currentUser().id;
  const scheduled = status === "scheduled";
  return { place: scheduled && !host ? "early" : "open", starts: scheduled && host, host, hostName,
    startsAt: schedule?.startsAt ?? null };
}
