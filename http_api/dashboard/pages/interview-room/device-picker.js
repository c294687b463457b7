// The choice of camera, microphone and loudspeaker, where there is more than one.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { Select } from "../../components/select.js";
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
      <${Select} label=${t(`deviceLabel.${device}`)} value=${chosen[device] ?? found[0].deviceId}
        choose=${(/** @type {string} */ deviceId) => choose(device, deviceId)} data-testid=${`choose-${device}`}
        options=${found.map(({ deviceId, label }, index) =>
          [deviceId, label || `${t(`deviceLabel.${device}`)} ${index + 1}`])} /></label>`;
  })}</div>`;
}
