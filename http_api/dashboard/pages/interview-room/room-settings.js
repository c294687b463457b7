// The choice of devices; for the host, the settings of the room.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { Select } from "../../components/select.js";
import { isHost, send } from "./call.js";
import { DevicePicker } from "./device-picker.js";

const SWITCHES = /** @type {const} */ (["lobbyEnabled", "locked", "chatEnabled", "guestScreenShare"]);

/** @param {{ room: import("./room-state.js").RoomState }} props */
export function RoomSettings({ room }) {
  return html`<div class="side-body"><${DevicePicker} />
    ${isHost() && html`<fieldset class="switches"><legend class="muted">${t("call.roomSettings")}</legend>
      ${SWITCHES.map((name) => html`<label key=${name}><input type="checkbox" checked=${room.settings[name]}
        onChange=${(/** @type {any} */ event) => send("update", { [name]: event.target.checked })}
          data-testid=${`setting-${name}`} />
        <span>${t(`setting.${name}`)}</span></label>`)}
      <label><input type="checkbox" checked=${room.lockedDevices.includes("mic")} data-testid="setting-micLock"
        onChange=${(/** @type {any} */ event) => send("muteAll", { device: "mic", lock: event.target.checked })} />
        <span>${t("setting.micLock")}</span></label>
      <label class="field"><span>${t("setting.maxParticipants")}</span>
        <${Select} label=${t("setting.maxParticipants")} value=${String(room.settings.maxParticipants)}
          choose=${(/** @type {string} */ most) => send("update", { maxParticipants: Number(most) })}
          options=${["2", "3", "4", "5", "6"].map((most) => [most, most])} /></label>
    </fieldset>`}</div>`;
}
