// The buttons along the lower edge.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { Confirm } from "../../components/confirm.js";
import { Icon } from "../../components/icons.js";
import { endForAll, isHost, isLocked, leave, send, switchDevice } from "./call.js";
import { canShareScreen, media } from "./media.js";

/**
 * @param {{ room: import("./room-state.js").RoomState, side: string | null, toggle: (side: string) => void,
 * unread: number }} props
 */
export function Controls({ room, side, toggle, unread }) {
  const { mic, camera, screen } = useStore(media);
  const [leaving, setLeaving] = useState(false);
  const host = isHost();
  const handUp = room.hands.includes(room.you.participantId);
  const mayShare = canShareScreen() && (host || room.settings.guestScreenShare);
  return html`<nav class="call-controls" aria-label=${t("call.controls")}>
    <${Switch} name="mic" on=${mic} locked=${isLocked("mic")} label=${t(mic ? "call.micOff" : "call.micOn")}
      press=${() => switchDevice("mic", !mic)} />
    <${Switch} name="camera" on=${camera} locked=${isLocked("camera")}
      label=${t(camera ? "call.cameraTurnOff" : "call.cameraTurnOn")}
      press=${() => switchDevice("camera", !camera)} />
    ${mayShare && html`<${Round} name="screen" icon="desktop" pressed=${screen}
      label=${t(screen ? "call.screenStop" : "call.screenShare")}
      press=${() => switchDevice("screen", !screen)} />`}
    ${!host && html`<${Round} name="hand" icon="hand" pressed=${handUp}
      label=${t(handUp ? "call.handLower" : "call.handRaise")}
      press=${() => send(handUp ? "handLower" : "handRaise")} />`}
    <span class="gap"></span>
    <${Round} name="people" icon="people" pressed=${side === "people"} label=${t("call.side.people")}
      badge=${host ? room.lobby.length : 0}
      press=${() => toggle("people")} />
    <${Round} name="chat" icon="chat" pressed=${side === "chat"} label=${t("call.side.chat")} badge=${unread}
      press=${() => toggle("chat")} />
    ${host && html`<${Round} name="prompter" icon="prompter" pressed=${side === "prompter"}
      label=${t("call.side.prompter")}
      press=${() => toggle("prompter")} />`}
    <${Round} name="settings" icon="settings" pressed=${side === "settings"} label=${t("call.side.settings")}
      press=${() => toggle("settings")} />
    <span class="gap"></span>
    <${Round} name="leave" icon="hangUp" kind="hang-up" label=${t(host ? "call.leaveOrEnd" : "call.leave")}
      press=${host ? () => setLeaving(true) : leave} />
    ${leaving && html`<${Confirm} title=${t("call.endTitle")} text=${t("call.endText")}
      confirmLabel=${t("call.endForAll")} danger
      work=${endForAll} close=${() => setLeaving(false)}>
      <button type="button" class="button" onClick=${leave}
        data-testid="leave-only">${t("call.leaveOnly")}</button><//>`}
  </nav>`;
}

/** @param {{ name: string, on: boolean, locked: boolean, label: string, press: () => unknown }} props */
function Switch({ name, on, locked, label, press }) {
  return html`<${Round} name=${name} icon=${on ? name : `${name}Off`} kind=${on ? "on" : "off"} pressed=${on}
    label=${locked && !on ? t("call.locked", { device: t(`device.${name}`) }) : label} press=${press} />`;
}

/**
 * @param {{ name: string, icon: string, kind?: string, pressed?: boolean, label: string, badge?: number,
 * press: () => unknown }} props
 */
function Round({ name, icon, kind = "", pressed, label, badge = 0, press }) {
  return html`<button type="button" class=${`round ${kind}`} aria-pressed=${pressed} aria-label=${label}
    title=${label} onClick=${press}
    data-testid=${`control-${name}`}><${Icon} name=${icon} size=${22} />
    <span class="round-label">${t(`call.short.${name}`)}</span>
    ${badge > 0 && html`<span class="badge">${badge}</span>`}</button>`;
}
