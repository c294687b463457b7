// A video element that shows a stream or a track.
import { html, useEffect, useRef } from "../../lib/view.js";
import { useStore } from "../../lib/store.js";
import { media } from "./media.js";

/**
 * @param {{ stream?: MediaStream, track?: MediaStreamTrack | null, muted?: boolean, mirrored?: boolean,
 * contain?: boolean, label: string }} props
 */
export function Video({ stream, track, muted = false, mirrored = false, contain = false, label }) {
  const element = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const { chosen } = useStore(media);
  useEffect(() => {
    const video = /** @type {HTMLVideoElement} */ (element.current);
    video.srcObject = stream ?? (track ? new MediaStream([track]) : null);
    video.play().catch(() => undefined); // browsers that require a click first had one: on "join"
    return () => { video.srcObject = null; };
  }, [stream, track]);
  useEffect(() => {
    if (!muted && chosen.speaker) element.current?.setSinkId?.(chosen.speaker).catch(() => undefined);
  }, [muted, chosen.speaker]);
  return html`<video ref=${element}
    class=${`${mirrored ? "mirrored" : ""} ${contain ? "contain" : ""}`} autoplay playsinline
    muted=${muted} aria-label=${label}></video>`;
}
