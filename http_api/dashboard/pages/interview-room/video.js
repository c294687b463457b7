// A stream or a track on the page.
import { html, useEffect, useRef } from "../../lib/view.js";
import { useStore } from "../../lib/store.js";
import { media } from "./media.js";

export function Video({ stream, track, muted = false, mirrored = false, contain = false, label }) {
  const element = useRef(null);
  const { chosen } = useStore(media);
  useEffect(() => {
    const video = element.current;
    video.srcObject = stream ?? (track ? new MediaStream([track]) : null);
    video.play().catch(() => undefined); // a browser that wants a press first has had one: on "enter"
    return () => { video.srcObject = null; };
  }, [stream, track]);
  useEffect(() => {
    if (!muted && chosen.speaker) element.current.setSinkId?.(chosen.speaker).catch(() => undefined);
  }, [muted, chosen.speaker]);
  return html`<video ref=${element} class=${`${mirrored ? "mirrored" : ""} ${contain ? "contain" : ""}`} autoplay playsinline
    muted=${muted} aria-label=${label}></video>`;
}
