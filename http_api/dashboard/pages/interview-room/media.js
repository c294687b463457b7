// One's own camera, microphone and screen: which exist, which are on, and what failed.
import { t } from "../../lib/i18n.js";
import { recallJson, remember } from "../../lib/storage.js";
import { createStore } from "../../lib/store.js";
import { toast } from "../../components/toast.js";

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
const VIDEO_ON_A_PHONE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15, max: 24 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const KEY = "interview.devices";

/**
 * `camera`, `mic`, `screen`: on or off. `devices`: as the browser lists them; `chosen`: their ids. `problem`: a text
 * for the reader. `tracks`: what is sent, null when off.
 * @typedef {"camera" | "mic" | "screen"} Device
 * @typedef {Record<Device, MediaStreamTrack | null>} Tracks
 * @typedef {Record<Device, boolean> & { devices: MediaDeviceInfo[], chosen: Record<string, string>,
 *   problem: string | null, tracks: Tracks }} Media
 */

export const media = createStore(/** @type {Media} */ ({
  camera: false, mic: false, screen: false, devices: [], chosen: recallJson(KEY) ?? {}, problem: null,
  tracks: { mic: null, camera: null, screen: null },
}));

/** @type {Set<(tracks: Tracks) => void>} */
const listeners = new Set();

/**
 * `listener(tracks)` is called whenever what is sent has changed.
 * @param {(tracks: Tracks) => void} listener
 */
export function onTracks(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const mediaState = () => {
  const { camera, mic, screen } = media.get();
  return { camera, mic, screen };
};

/** Opens camera and microphone, as far as they exist and are allowed; neither is needed to enter. */
export async function openDevices() {
  await setCamera(true);
  await setMic(true);
  await list();
}

/** @param {boolean} on */
export async function setCamera(on) {
  if (!on) return put("camera", null);
  return capture("camera", { video: { ...(isPhone() ? VIDEO_ON_A_PHONE : VIDEO), ...wanted("camera") } });
}

/** @param {boolean} on */
export async function setMic(on) {
  const known = media.get().tracks.mic;
  if (known && known.readyState === "live") {
    known.enabled = on; // kept open: a device that has to be opened first would lose the next word
    return change({ mic: on });
  }
  return on ? capture("mic", { audio: { ...SOUND, ...wanted("mic") } }) : change({ mic: false });
}

/** @param {boolean} on */
export async function setScreen(on) {
  if (!on) return put("screen", null);
  let stream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
  } catch (error) {
    if (error.name !== "NotAllowedError") toast(t("call.screenFailed"), "failed"); // the reader cancelled
    return undefined;
  }
  return put("screen", stream.getVideoTracks()[0]);
}

export const canShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia);

/** @param {Device | "speaker"} device @param {string} id */
export async function choose(device, id) {
  const chosen = { ...media.get().chosen, [device]: id };
  media.patch({ chosen });
  remember(KEY, JSON.stringify(chosen));
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

/** @param {Device} device @param {MediaStreamConstraints} constraints */
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

/** @param {Device} device @param {MediaStreamTrack | null} track */
function put(device, track) {
  const { tracks } = media.get();
  if (tracks[device] !== track) tracks[device]?.stop();
  if (track) {
    // Unplugged, or stopped by the browser's own button.
    track.onended = () => { if (media.get().tracks[device] === track) put(device, null); };
  }
  change({ [device]: Boolean(track), tracks: { ...tracks, [device]: track } });
}

/** @param {Partial<Media>} part */
function change(part) {
  media.patch(part);
  for (const listener of listeners) listener(media.get().tracks);
}

/**
 * @param {Device} device
 * @returns {MediaTrackConstraints}
 */
function wanted(device) {
  const id = media.get().chosen[device];
  return id ? { deviceId: { ideal: id } } : device === "camera" ? { facingMode: "user" } : {};
}

const isPhone = () => matchMedia("(pointer: coarse) and (max-width: 900px)").matches;

/** @type {Record<string, string>} */
const PROBLEMS = {
  NotAllowedError: "call.deviceRefused",
  NotFoundError: "call.deviceMissing",
  OverconstrainedError: "call.deviceMissing",
  NotReadableError: "call.deviceBusy",
};

navigator.mediaDevices?.addEventListener?.("devicechange", list);
