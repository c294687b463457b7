// A short tone for a new notification: off until the reader turns it on, and heard once for all tabs.
import { recall, remember } from "../../lib/storage.js";
import { createStore } from "../../lib/store.js";

const KEY = "dashboard.notificationSound";
const QUIET_MS = 2_000; // after a tone, in all tabs
const NOTES = [880, 1174.7]; // Hz
const NOTE_SECONDS = 0.12;
const LOUDNESS = 0.12;

export const sound = createStore(recall(KEY) === "1");
window.addEventListener("storage", ({ key, newValue }) => { if (key === KEY) sound.set(newValue === "1"); });

export function toggleSound() {
  sound.set(!sound.get());
  remember(KEY, sound.get() ? "1" : "0");
  if (sound.get()) play();
}

/** Browsers let a page make sounds only once the reader has used it: a tab that was not used leaves it to others. */
export function ring() {
  if (!sound.get() || !navigator.userActivation?.hasBeenActive || !navigator.locks) return;
  navigator.locks.request(KEY, { ifAvailable: true }, (lock) => {
    if (!lock) return undefined;
    play();
    return new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  });
}

function play() {
  const context = new AudioContext();
  const volume = context.createGain();
  volume.connect(context.destination);
  const end = context.currentTime + NOTES.length * NOTE_SECONDS;
  volume.gain.setValueAtTime(LOUDNESS, context.currentTime);
  volume.gain.linearRampToValueAtTime(0, end); // a sudden end clicks
  const tone = context.createOscillator();
  NOTES.forEach((pitch, index) => tone.frequency.setValueAtTime(pitch, context.currentTime + index * NOTE_SECONDS));
  tone.connect(volume);
  tone.onended = () => context.close();
  tone.start();
  tone.stop(end);
}
