// One's own camera, microphone and screen: which are there, which are on, and what went wrong.
import { t } from "../../lib/i18n.js";
import { createStore } from "../../lib/store.js";
import { toast } from "../../components/toast.js";

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
const VIDEO_ON_A_PHONE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15, max: 24 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const KEY = "interview.devices";

/** camera, mic, screen: on or off. devices: what the browser lists. chosen: their ids. problem: a text for the reader.
 * tracks: what is sent, null when off. */
export const media = createStore({
  camera: false, mic: false, screen: false, devices: [], chosen: remembered(), problem: null,
  tracks: { mic: null, camera: null, screen: null },
});

const listeners = new Set();

/** `listener(tracks)` whenever what is sent has changed. */
export function onTracks(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const mediaState = () => {
  const { camera, mic, screen } = media.get();
  return { camera, mic, screen };
};

/** Both, as far as they are there and allowed: somebody without a camera comes in all the same. */
export async function openDevices() {
  await setCamera(true);
  await setMic(true);
  await list();
}

export async function setCamera(on) {
  if (!on) return put("camera", null);
  return capture("camera", { video: { ...(isPhone() ? VIDEO_ON_A_PHONE : VIDEO), ...wanted("camera") } });
}

export async function setMic(on) {
  const known = media.get().tracks.mic;
  if (known && known.readyState === "live") {
    known.enabled = on; // kept open, so that the next word is not lost to a device that is still opening
    return change({ mic: on });
  }
  return on ? capture("mic", { audio: { ...SOUND, ...wanted("mic") } }) : change({ mic: false });
}

export async function setScreen(on) {
  if (!on) return put("screen", null);
  let stream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
  } catch (error) {
    if (error.name !== "NotAllowedError") toast(t("call.screenFailed"), "failed"); // that one is the reader's own no
    return undefined;
  }
  return put("screen", stream.getVideoTracks()[0]);
}

export const canShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia);

export async function choose(device, id) {
  const chosen = { ...media.get().chosen, [device]: id };
  media.patch({ chosen });
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // Chosen for this visit only.
  }
  if (device === "speaker") return;
  const wasOn = media.get()[device];
  put(device, null);
  if (wasOn) await (device === "camera" ? setCamera(true) : setMic(true));
}

export function closeDevices() {
  for (const track of Object.values(media.get().tracks)) track?.stop();
  media.patch({ camera: false, mic: false, screen: false, tracks: { mic: null, camera: null, screen: null } });
}

export async function list() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  media.patch({ devices: devices.filter(({ deviceId }) => deviceId) });
}

async function capture(device, constraints) {
  if (!navigator.mediaDevices?.getUserMedia) return media.patch({ problem: t("call.insecure") });
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    media.patch({ problem: null });
    return put(device, stream.getTracks()[0]);
  } catch (error) {
    return media.patch({ problem: t(PROBLEMS[error.name] ?? "call.deviceFailed", { device: t(`device.${device}`) }) });
  }
}

function put(device, track) {
  const { tracks } = media.get();
  if (tracks[device] && tracks[device] !== track) tracks[device].stop();
  // Unplugged, or the screen's own "stop sharing" was pressed.
  if (track) track.onended = () => media.get().tracks[device] === track && put(device, null);
  change({ [device]: Boolean(track), tracks: { ...tracks, [device]: track } });
}

function change(part) {
  media.patch(part);
  for (const listener of listeners) listener(media.get().tracks);
}

function wanted(device) {
  const id = media.get().chosen[device];
  return id ? { deviceId: { ideal: id } } : device === "camera" ? { facingMode: "user" } : {};
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

const isPhone = () => matchMedia("(pointer: coarse) and (max-width: 900px)").matches;

const PROBLEMS = {
  NotAllowedError: "call.deviceRefused",
  NotFoundError: "call.deviceMissing",
  OverconstrainedError: "call.deviceMissing",
  NotReadableError: "call.deviceBusy",
};

navigator.mediaDevices?.addEventListener?.("devicechange", list);
