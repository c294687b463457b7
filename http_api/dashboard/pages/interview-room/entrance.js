// The entrance: a preview of the camera, the choice of devices, and the guest's name.
import { html, useEffect, useState } from "../../lib/view.js";
import { toTheMinute } from "../../lib/format.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { currentUser } from "../../lib/session.js";
import { ActiveRoom } from "../../components/active-room.js";
import { Button } from "../../components/button.js";
import { Brand } from "../../components/icons.js";
import { Problem } from "../../components/states.js";
import { LanguageSwitch, ThemeSwitch } from "../../components/switches.js";
import { admission, start } from "./admission.js";
import { call, enter } from "./call.js";
import { DevicePicker } from "./device-picker.js";
import { isGuest, redeem, ticket } from "./identity.js";
import { media, openDevices, setCamera, setMic } from "./media.js";
import { Video } from "./video.js";

export function Entrance() {
  const { place } = useStore(call);
  const { tracks, camera, mic, problem: deviceProblem } = useStore(media);
  const [problem, setProblem] = useState(/** @type {import("../../lib/http.js").ApiError | null} */ (null));
  const { starts, host, name, startsAt } = useStore(admission);
  const asksName = isGuest() && !ticket() && !name;
  const enterAs = isGuest() ? ticket()?.name ?? name : currentUser().name;
  const hint = isGuest() ? "call.guestHint" : starts ? "call.startHint" : host ? "call.hostHint" : "call.observerHint";
  useEffect(() => { openDevices(); }, []);

  /** @param {any} event */
  async function go(event) {
    event.preventDefault();
    setProblem(null);
    try {
      if (isGuest()) await redeem(event.target.elements.name?.value.trim() ?? "");
      else await start();
      enter();
    } catch (error) {
      setProblem(error);
    }
  }

  return html`<main class="entrance">
    <div class="login-switches"><${LanguageSwitch} /><${ThemeSwitch} /></div>
    <form class="entrance-card" onSubmit=${go} aria-labelledby="entrance-title">
      <header><${Brand} size=${36} /><div><h1 id="entrance-title">${t("call.title")}</h1>
        <p class="muted">${t(hint, { time: toTheMinute(startsAt) })}</p></div></header>
      <div class="preview">
        ${camera ? html`<${Video} track=${tracks.camera} muted mirrored label=${t("call.preview")} />`
          : html`<p class="preview-off">${t("call.cameraOff")}</p>`}
        <div class="preview-switches">
          <${Button} iconOnly icon=${mic ? "mic" : "micOff"} label=${t(mic ? "call.micOff" : "call.micOn")}
            kind=${mic ? "call-on" : "call-off"} action=${() => setMic(!mic)} testId="entrance-mic" />
          <${Button} iconOnly icon=${camera ? "camera" : "cameraOff"}
            label=${t(camera ? "call.cameraTurnOff" : "call.cameraTurnOn")}
            kind=${camera ? "call-on" : "call-off"} action=${() => setCamera(!camera)} testId="entrance-camera" />
        </div>
      </div>
      ${deviceProblem && html`<p class="device-problem" role="alert">${deviceProblem}</p>`}
      <${DevicePicker} />
      ${asksName ? html`<label class="field"><span>${t("call.yourName")}</span>
        <input name="name" maxlength="32" autocomplete="name" placeholder=${t("call.yourNameHint")}
          data-testid="entrance-name" /></label>`
        : html`<p class="muted">${t("call.enterAs", { name: enterAs })}</p>`}
      ${problem && html`<${Problem} error=${problem} /><${ActiveRoom} error=${problem} />`}
      <${Button} type="submit" kind="primary" busy=${place === "entering"}
        label=${t(starts ? "call.start" : "call.enter")} testId="entrance-join" />
      <p class="muted small-text">${t("call.privacy")}</p>
    </form>
  </main>`;
}
