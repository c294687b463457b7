// One interview from the door to the end: the connection, the room, one's own devices and the mesh, held together.
import { createStore } from "../../lib/store.js";
import { t } from "../../lib/i18n.js";
import { toast, toastError } from "../../components/toast.js";
import { onRenewed } from "../../lib/session.js";
import { credential, forget, fresh, isGuest, roomId } from "./identity.js";
import { closeDevices, media, mediaState, onTracks, setCamera, setMic, setScreen } from "./media.js";
import { Mesh } from "./peers.js";
import { apply, isNews, nameOf, roomOf } from "./room-state.js";
import { Signaling } from "./signaling.js";

const RENEW_TICKET_MS = 5 * 60_000;
const RELAYED = new Set(["offer", "answer", "candidate", "bye"]);

/** place: door, entering, lobby, inside or over. room: see room-state.js. over: why it is over. unread: lines of chat. */
export const call = createStore({ place: "door", room: null, problem: null, over: null, unread: 0 });

let signaling = null;
let mesh = null;
let stops = [];

export const serverNow = () => Date.now() + (signaling?.clockAheadMs ?? 0);
export const isHost = () => call.get().room?.you.role === "host";
export const isLocked = (device) => !isHost() && Boolean(call.get().room?.lockedDevices.includes(device));

export function enter() {
  call.set({ place: "entering", room: null, problem: null, over: null, unread: 0 });
  mesh = new Mesh({ send: (event, payload) => signaling.ask(event, payload), renewServers });
  mesh.use(media.get().tracks);
  signaling = new Signaling({ credential, onPush: pushed, onOpen: opened, onRefused: refused });
  const renewing = setInterval(() => isGuest() && renewTicket(), RENEW_TICKET_MS);
  stops = [
    onTracks((tracks) => { mesh.use(tracks); tellMedia(); }),
    onRenewed((token) => isGuest() || signaling.authenticate(token)),
    () => clearInterval(renewing),
  ];
  window.addEventListener("online", comeBack);
}

/** A command of the room. Answers its data; raises SignalingError. */
export async function order(event, payload) {
  try {
    return await signaling.command(event, payload);
  } catch (error) {
    if (error.code === "NOT_JOINED" && call.get().place === "inside") join(); // the seat was lost meanwhile
    throw error;
  }
}

/** The same for a press of a button: what the server refuses is shown, and answered with null. */
export async function send(event, payload) {
  try {
    return await order(event, payload) ?? {};
  } catch (error) {
    toastError(error);
    return null;
  }
}

export async function leave() {
  await signaling.command("leave").catch(() => undefined); // whoever goes, goes
  finish({ reason: "left" });
}

/** Raises SignalingError. */
export async function endForAll() {
  const { endReason } = await order("end", {});
  finish({ reason: "ended", endReason });
}

export const readChat = () => call.get().unread && call.patch({ unread: 0 });

async function opened(recovered) {
  if (recovered && call.get().place === "inside") {
    tellMedia();
    return mesh.mend();
  }
  return join();
}

async function join() {
  try {
    const answer = await signaling.command("join", { roomId, media: mediaState(), caps: { webrtc: true, zego: false } });
    if (answer.lobby) return call.patch({ place: "lobby", problem: null });
    mesh.servers = rtcServers(answer.iceServers);
    call.patch({ place: "inside", room: roomOf(answer.snapshot), problem: null });
    mesh.introduce(answer.snapshot.you, answer.snapshot.participants);
    return undefined;
  } catch (error) {
    return refused(error);
  }
}

/** The server may have missed something: the whole picture once more. */
async function look() {
  const snapshot = await order("sync", {}).catch(() => null);
  if (!snapshot || call.get().place !== "inside") return;
  call.patch({ room: roomOf(snapshot) });
  mesh.meet(snapshot.you, snapshot.participants);
}

function refused(error) {
  if (error.code === "NO_ANSWER") return; // it is tried again as soon as there is a connection
  if (error.code === "TICKET_INVALID" || error.code === "TICKET_EXPIRED") forget();
  finish({ reason: "refused", error });
}

function pushed(event, payload) {
  if (RELAYED.has(event)) return void mesh.heard(event, payload);
  if (event === "roomResync") return void look();
  const before = call.get().room;
  if (before && !isNews(before, payload)) return;
  const room = before && apply(before, event, payload);
  if (room !== before) call.patch({ room });
  REACTIONS[event]?.(payload, room);
}

/** What a push sets off besides changing the room. */
const REACTIONS = {
  peerJoined: ({ participant }, room) => {
    toast(t("call.joined", { name: participant.name }));
    mesh.meet(room.you, room.participants);
  },
  peerLeft: ({ participantId }, room) => mesh.meet(room.you, room.participants),
  peerResumed: ({ participant }, room) => { mesh.meet(room.you, room.participants); mesh.mend(participant.participantId); },
  chatMessage: ({ message }, room) => message.fromId !== room.you.participantId && call.patch({ unread: call.get().unread + 1 }),
  controlCommand: ({ device, enabled }) => obey(device, enabled),
  controlResult: ({ participantId, device, result }, room) => toast(
    t(`call.result.${result}`, { name: nameOf(room, participantId), device: t(`device.${device}`) }), result === "accepted" ? "done" : "failed",
  ),
  hostAbsent: () => toast(t("call.hostAbsent"), "failed"),
  hostBack: () => toast(t("call.hostBack")),
  lobbyAdmitted: join,
  lobbyDenied: ({ reason }) => finish({ reason: "denied", note: reason }),
  youKicked: ({ reason, banned }) => finish({ reason: banned ? "banned" : "kicked", note: reason }),
  youSuperseded: () => finish({ reason: "superseded" }),
  roomEnded: ({ endReason, durationSec }) => finish({ reason: "ended", endReason, durationSec }),
  tokenExpiring: () => renewServers(),
};

/** The host's word is done at the server already; the device follows. */
function obey(device, enabled) {
  if (enabled) return;
  toast(t("call.switchedOff", { device: t(`device.${device}`) }), "failed");
  switchDevice(device, false);
}

export async function switchDevice(device, on) {
  if (on && isLocked(device)) return void toast(t("call.locked", { device: t(`device.${device}`) }), "failed");
  await { camera: setCamera, mic: setMic, screen: setScreen }[device](on);
}

export async function answerPrompt(prompt, accepted) {
  call.patch({ room: { ...call.get().room, prompts: call.get().room.prompts.filter((asked) => asked !== prompt) } });
  if (accepted) await switchDevice(prompt.device, true);
  await send("controlRespond", { requestId: prompt.requestId, accepted });
}

function tellMedia() {
  if (call.get().place === "inside") order("mediaState", mediaState()).catch(() => undefined);
}

async function renewServers() {
  mesh.servers = rtcServers((await signaling.ask("renewToken", {})).iceServers);
  return mesh.servers;
}

const rtcServers = (servers = []) => servers.map(({ urls, username, credential: secret }) =>
  (username ? { urls, username, credential: secret } : { urls }));

async function renewTicket() {
  signaling.authenticate((await fresh()).ticket);
}

const comeBack = () => signaling?.reconnect();

function finish(over) {
  if (call.get().place === "over") return;
  window.removeEventListener("online", comeBack);
  for (const stop of stops) stop();
  signaling?.close();
  mesh?.close();
  closeDevices();
  call.patch({ place: "over", over });
}
