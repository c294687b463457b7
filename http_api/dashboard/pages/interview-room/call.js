// One interview from the entrance to its end: the connection, the room, one's own devices and the mesh.
import { createStore } from "../../lib/store.js";
import { t } from "../../lib/i18n.js";
import { toast, toastError } from "../../components/toast.js";
import { onRenewed } from "../../lib/session.js";
import { credential, forget, fresh, isGuest, roomId, TICKET_CODES } from "./identity.js";
import { closeDevices, media, mediaState, onTracks, setCamera, setMic, setScreen } from "./media.js";
import { Mesh } from "./peers.js";
import { apply, isNews, nameOf, roomOf } from "./room-state.js";
import { Signaling } from "./signaling.js";

const RENEW_TICKET_MS = 5 * 60_000;
const RELAYED = new Set(["offer", "answer", "candidate", "bye"]);

/**
 * `over`: why it is over. `unread`: chat messages.
 * @typedef {{ place: "entrance" | "entering" | "lobby" | "inside" | "over", room: RoomState | null, over: Over | null,
 *   unread: number }} Call
 * @typedef {import("./room-state.js").RoomState} RoomState
 * @typedef {import("./signaling.js").SignalingError} SignalingError
 * @typedef {{ code: string, message: string, details?: any }} Refusal
 * @typedef {{ reason: string, error?: Refusal, endReason?: string, note?: string, durationSec?: number }} Over
 */

export const call = createStore(/** @type {Call} */ ({ place: "entrance", room: null, over: null, unread: 0 }));

/** The room, for components that are drawn only inside. */
export const currentRoom = () => /** @type {RoomState} */ (call.get().room);

/** @type {Signaling | null} */
let signaling = null;
/** @type {Mesh | null} */
let mesh = null;
/** @type {(() => unknown)[]} */
let stops = [];

export const serverNow = () => Date.now() + (signaling?.clockAheadMs ?? 0);
export const isHost = () => call.get().room?.you.role === "host";
/** @param {string} device */
export const isLocked = (device) => !isHost() && Boolean(call.get().room?.lockedDevices.includes(device));

export function enter() {
  call.set({ place: "entering", room: null, over: null, unread: 0 });
  const connection = new Signaling({ credential, onPush: pushed, onOpen: opened, onRefused: refused });
  const ours = new Mesh({ send: connection.ask.bind(connection), renewServers });
  ours.use(media.get().tracks);
  signaling = connection;
  mesh = ours;
  const renewing = setInterval(() => isGuest() && renewTicket(), RENEW_TICKET_MS);
  stops = [
    onTracks((tracks) => { ours.use(tracks); tellMedia(); }),
    onRenewed((token) => isGuest() || connection.authenticate(token)),
    () => clearInterval(renewing),
  ];
  window.addEventListener("online", reconnect);
}

/**
 * A command to the room; answers its data. Throws SignalingError.
 * @param {string} event
 * @param {object} [payload]
 */
export async function command(event, payload) {
  try {
    return await connected().command(event, payload);
  } catch (error) {
    if (error.code === "NOT_JOINED" && call.get().place === "inside") join(); // the seat was lost meanwhile
    throw error;
  }
}

const connected = () => /** @type {Signaling} */ (signaling);

/**
 * The same for a button: a refusal is shown, and answered with null.
 * @param {string} event
 * @param {object} [payload]
 */
export async function send(event, payload) {
  try {
    return await command(event, payload) ?? {};
  } catch (error) {
    toastError(error);
    return null;
  }
}

export async function leave() {
  await connected().command("leave").catch(() => undefined); // the reader leaves in any case
  finish({ reason: "left" });
}

/** Throws SignalingError. */
export async function endForAll() {
  const { endReason } = await command("end", {});
  finish({ reason: "ended", endReason });
}

export const readChat = () => call.get().unread && call.patch({ unread: 0 });

/** @param {boolean} recovered */
async function opened(recovered) {
  if (recovered && call.get().place === "inside") {
    tellMedia();
    return mesh?.repair();
  }
  return join();
}

async function join() {
  try {
    const caps = { webrtc: true, zego: false };
    const answer = await connected().command("join", { roomId, media: mediaState(), caps });
    if (answer.lobby || !mesh) return call.patch({ place: "lobby" });
    mesh.servers = rtcServers(answer.iceServers);
    call.patch({ place: "inside", room: roomOf(answer.snapshot) });
    mesh.introduce(answer.snapshot.you, answer.snapshot.participants);
    return undefined;
  } catch (error) {
    return refused(error);
  }
}

/** Reads the whole room again, when pushes may have been missed. */
async function sync() {
  const snapshot = await command("sync", {}).catch(() => null);
  if (!snapshot || call.get().place !== "inside") return;
  call.patch({ room: roomOf(snapshot) });
  mesh?.meet(snapshot.you, snapshot.participants);
}

/** @param {SignalingError} error */
function refused(error) {
  if (error.code !== "NO_ANSWER") refuse(error); // without an answer: retried as soon as there is a connection
}

/**
 * The reader may not come in, or not stay.
 * @param {Refusal} error
 */
export function refuse(error) {
  if (TICKET_CODES.has(error.code)) forget();
  if (error.code === "ROOM_ENDED") finish({ reason: "ended", endReason: error.details?.endReason });
  else finish({ reason: "refused", error });
}

/** @param {string} event @param {any} payload */
function pushed(event, payload) {
  if (RELAYED.has(event)) return void mesh?.receive(event, payload);
  if (event === "roomResync") return void sync();
  const before = call.get().room;
  if (before && !isNews(before, payload)) return undefined;
  const room = before && apply(before, event, payload);
  if (room !== before) call.patch({ room });
  if (room) REACTIONS[event]?.(payload, room);
  else OUTSIDE_REACTIONS[event]?.(payload);
  return undefined;
}

/**
 * Effects of a push before the room was joined.
 * @type {Record<string, (payload: any) => unknown>}
 */
const OUTSIDE_REACTIONS = {
  lobbyAdmitted: join,
  lobbyDenied: ({ reason }) => finish({ reason: "denied", note: reason }),
  youKicked: ({ reason, banned }) => finish({ reason: banned ? "banned" : "kicked", note: reason }),
  youSuperseded: () => finish({ reason: "superseded" }),
  roomEnded: ({ endReason, durationSec }) => finish({ reason: "ended", endReason, durationSec }),
};

/**
 * Effects of a push inside, besides changing the room.
 * @type {Record<string, (payload: any, room: RoomState) => unknown>}
 */
const REACTIONS = {
  ...OUTSIDE_REACTIONS,
  peerJoined: ({ participant }, room) => {
    toast(t("call.joined", { name: participant.name }));
    mesh?.meet(room.you, room.participants);
  },
  peerLeft: (_, room) => mesh?.meet(room.you, room.participants),
  peerResumed: ({ participant }, room) => {
    mesh?.meet(room.you, room.participants);
    mesh?.repair(participant.participantId);
  },
  chatMessage: ({ message }, room) => {
    if (message.fromId !== room.you.participantId) call.patch({ unread: call.get().unread + 1 });
  },
  controlCommand: ({ device, enabled }) => obey(device, enabled),
  controlResult: ({ participantId, device, result }, room) => toast(
    t(`call.result.${result}`, { name: nameOf(room, participantId), device: t(`device.${device}`) }),
    result === "accepted" ? "done" : "failed",
  ),
  hostAbsent: () => toast(t("call.hostAbsent"), "failed"),
  hostBack: () => toast(t("call.hostBack")),
  tokenExpiring: () => renewServers(),
};

/**
 * The server has carried out the host's command already; the device follows.
 * @param {Device} device
 * @param {boolean} enabled
 * @typedef {import("./media.js").Device} Device
 */
function obey(device, enabled) {
  if (enabled) return;
  toast(t("call.switchedOff", { device: t(`device.${device}`) }), "failed");
  switchDevice(device, false);
}

/** @param {Device} device @param {boolean} on */
export async function switchDevice(device, on) {
  if (on && isLocked(device)) return void toast(t("call.locked", { device: t(`device.${device}`) }), "failed");
  await { camera: setCamera, mic: setMic, screen: setScreen }[device](on);
  return undefined;
}

/** @param {Prompt} prompt */
export function removePrompt(prompt) {
  const room = currentRoom();
  call.patch({ room: { ...room, prompts: room.prompts.filter((asked) => asked !== prompt) } });
}

/**
 * @param {Prompt} prompt
 * @param {boolean} accepted
 * @typedef {import("./room-state.js").Prompt} Prompt
 */
export async function answerPrompt(prompt, accepted) {
  removePrompt(prompt);
  if (accepted) await switchDevice(prompt.device, true);
  await send("controlRespond", { requestId: prompt.requestId, accepted });
}

function tellMedia() {
  if (call.get().place === "inside") command("mediaState", mediaState()).catch(() => undefined);
}

async function renewServers() {
  const servers = rtcServers((await connected().ask("renewToken", {})).iceServers);
  if (mesh) mesh.servers = servers;
  return servers;
}

/** @type {(servers?: any[]) => RTCIceServer[]} */
const rtcServers = (servers = []) => servers.map(({ urls, username, credential: secret }) =>
  (username ? { urls, username, credential: secret } : { urls }));

async function renewTicket() {
  signaling?.authenticate((await fresh()).ticket);
}

const reconnect = () => signaling?.reconnect();

/** @param {Over} over */
function finish(over) {
  if (call.get().place === "over") return;
  window.removeEventListener("online", reconnect);
  for (const stop of stops) stop();
  signaling?.close();
  mesh?.close();
  closeDevices();
  call.patch({ place: "over", over });
}
