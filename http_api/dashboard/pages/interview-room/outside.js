// Outside the room: before a scheduled start, the lobby, and the page after the end.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { clockTime, toTheMinute } from "../../lib/format.js";
import { Button } from "../../components/button.js";
import { Brand } from "../../components/icons.js";
import { admission } from "./admission.js";
import { call, enter, leave } from "./call.js";
import { openDevices } from "./media.js";

/** Before the answer, and until the host starts a scheduled interview. */
export function Early() {
  const { place, offline, hostName, startsAt } = useStore(admission);
  const problem = offline && html`<p role="alert">${t("error.unreachable")}</p>`;
  if (place === "asking") return html`<main class="splash" aria-busy="true">${problem || t("state.loading")}</main>`;
  return html`<main class="entrance"><section class="entrance-card outside" role="status" data-testid="early">
    <${Brand} size=${44} /><h1>${t("call.earlyTitle")}</h1>
    <p>${t("call.earlyTime", { time: toTheMinute(startsAt) })}<br />
      ${t("call.earlyHost", { name: hostName })}</p>
    <p class="muted">${t("call.earlyText")}</p>${problem}
    <span class="pulse-dots" aria-hidden="true"><i></i><i></i><i></i></span>
  </section></main>`;
}

export function Lobby() {
  return html`<main class="entrance"><section class="entrance-card outside" role="status" data-testid="lobby">
    <${Brand} size=${44} /><h1>${t("call.lobbyTitle")}</h1><p class="muted">${t("call.lobbyText")}</p>
    <span class="pulse-dots" aria-hidden="true"><i></i><i></i><i></i></span>
    <${Button} label=${t("call.lobbyLeave")} action=${leave} />
  </section></main>`;
}

/** Why it is over for the reader, and they may rejoin. */
const MAY_REJOIN = new Set(["left", "superseded", "refused", "denied"]);
/** Refusals that a second attempt would get again. */
const FINAL = new Set([
  "ROOM_NOT_FOUND", "KICKED", "NOT_YOUR_ROOM", "PERMISSION_DENIED", "INVITE_INVALID", "INVITE_EXPIRED", "INVITE_USED_UP",
]);

export function Over() {
  const { over } = useStore(call);
  const { reason, error, note, endReason, durationSec } = /** @type {import("./call.js").Over} */ (over);
  const mayRejoin = MAY_REJOIN.has(reason) && !FINAL.has(error?.code ?? "");
  const again = () => { openDevices(); enter(); };
  return html`<main class="entrance"><section class="entrance-card outside" role="status"
    data-testid=${`over-${reason}`}>
    <${Brand} size=${44} /><h1>${t(`call.over.${reason}`)}</h1>
    ${endReason && html`<p class="muted">${t(`endReason.${endReason}`)}</p>`}
    ${durationSec !== undefined && html`<p
      class="muted">${t("call.lasted", { time: clockTime(durationSec * 1000) })}</p>`}
    ${error && html`<p>${error.message} <span class="code-line">${error.code}</span></p>`}
    ${error?.code.startsWith("INVITE_") && html`<p class="muted">${t("call.askNewLink")}</p>`}
    ${note && html`<p>${t("call.reason", { text: note })}</p>`}
    ${mayRejoin && html`<${Button} kind="primary" label=${t("call.again")} action=${again} testId="enter-again" />`}
  </section></main>`;
}
