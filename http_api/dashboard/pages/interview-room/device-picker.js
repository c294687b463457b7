// The choice of camera, microphone and loudspeaker, where there is more than one.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { choose, media } from "./media.js";

/** @type {Record<string, MediaDeviceKind>} */
const KINDS = { camera: "videoinput", mic: "audioinput", speaker: "audiooutput" };

const DEVICES = /** @type {const} */ (["camera", "mic", "speaker"]);

export function DevicePicker() {
  const { devices, chosen } = useStore(media);
  return html`<div class="device-picker">${DEVICES.map((device) => {
    const kind = KINDS[device];
    const found = devices.filter((each) => each.kind === kind);
    if (device === "speaker" && !("setSinkId" in HTMLMediaElement.prototype)) return null;
    return found.length > 1 && html`<label class="field" key=${device}><span>${t(`deviceLabel.${device}`)}</span>
      <select value=${chosen[device] ?? found[0].deviceId}
        onChange=${(/** @type {any} */ event) => choose(device, event.target.value)}
        data-testid=${`choose-${device}`}>
        ${found.map(({ deviceId, label }, index) => html`<option key=${deviceId} value=${deviceId}>
          ${label || `${t(`deviceLabel.${device}`)} ${index + 1}`}</option>`)}
      </select></label>`;
  })}</div>`;
}
