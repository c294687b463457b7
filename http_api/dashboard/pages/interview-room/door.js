// Before one goes in: how one looks, which devices are used, and how a guest is called.
import { html, useEffect, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { session } from "../../lib/session.js";
import { Button } from "../../components/button.js";
import { Brand } from "../../components/icons.js";
import { Problem } from "../../components/states.js";
import { LanguageSwitch, ThemeSwitch } from "../../components/switches.js";
import { call, enter } from "./call.js";
import { DevicePicker } from "./device-picker.js";
import { isGuest, redeem, ticket } from "./identity.js";
import { media, openDevices, setCamera, setMic } from "./media.js";
import { Video } from "./video.js";

export function Door() {
  const { place } = useStore(call);
  const { tracks, camera, mic, problem: deviceProblem } = useStore(media);
  const [problem, setProblem] = useState(null);
  const asksName = isGuest() && !ticket();
  useEffect(() => { openDevices(); }, []);

  async function go(event) {
    event.preventDefault();
    setProblem(null);
    try {
      if (isGuest()) await redeem(event.target.elements.name?.value.trim() ?? "");
      enter();
    } catch (error) {
      setProblem(error);
    }
  }

  return html`<main class="door">
    <div class="login-switches"><${LanguageSwitch} /><${ThemeSwitch} /></div>
    <form class="door-card" onSubmit=${go} aria-labelledby="door-title">
      <header><${Brand} size=${36} /><div><h1 id="door-title">${t("call.title")}</h1>
        <p class="muted">${t(isGuest() ? "call.guestHint" : "call.hostHint")}</p></div></header>
      <div class="preview">
        ${camera ? html`<${Video} track=${tracks.camera} muted mirrored label=${t("call.preview")} />`
          : html`<p class="preview-off">${t("call.cameraOff")}</p>`}
        <div class="preview-switches">
          <${Button} iconOnly icon=${mic ? "mic" : "micOff"} label=${t(mic ? "call.micOff" : "call.micOn")}
            kind=${mic ? "call-on" : "call-off"} action=${() => setMic(!mic)} testId="door-mic" />
          <${Button} iconOnly icon=${camera ? "camera" : "cameraOff"} label=${t(camera ? "call.cameraTurnOff" : "call.cameraTurnOn")}
            kind=${camera ? "call-on" : "call-off"} action=${() => setCamera(!camera)} testId="door-camera" />
        </div>
      </div>
      ${deviceProblem && html`<p class="device-problem" role="alert">${deviceProblem}</p>`}
      <${DevicePicker} />
      ${asksName ? html`<label class="field"><span>${t("call.yourName")}</span>
        <input name="name" maxlength="32" autocomplete="name" placeholder=${t("call.yourNameHint")} data-testid="door-name" /></label>`
        : html`<p class="muted">${t("call.enterAs", { name: isGuest() ? ticket().name : session.get().user.name })}</p>`}
      ${problem && html`<${Problem} error=${problem} />`}
      <${Button} type="submit" kind="primary" busy=${place === "entering"} label=${t("call.enter")} testId="door-enter" />
      <p class="muted small-text">${t("call.privacy")}</p>
    </form>
  </main>`;
}
