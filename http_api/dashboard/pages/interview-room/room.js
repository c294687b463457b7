// Inside the room: top bar, pictures, buttons, and a side panel with participants, chat and more.
import { html, useEffect, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { clockTime } from "../../lib/format.js";
import { Button } from "../../components/button.js";
import { Dialog } from "../../components/dialog.js";
import { LanguageSwitch, ThemeSwitch } from "../../components/switches.js";
import { answerPrompt, call, currentRoom, readChat, removePrompt } from "./call.js";
import { Chat } from "./chat.js";
import { Controls } from "./controls.js";
import { People } from "./people.js";
import { PrompterControls } from "./prompter-controls.js";
import { PrompterView } from "./prompter-view.js";
import { RoomSettings } from "./room-settings.js";
import { line } from "./signaling.js";
import { Stage } from "./stage.js";
import { useServerTime } from "./time.js";

/** @type {Record<string, import("../../lib/view.js").Component>} */
const SIDES = { people: People, chat: Chat, prompter: PrompterControls, settings: RoomSettings };

export function Room() {
  const { unread } = useStore(call);
  const room = currentRoom();
  const [side, setSide] = useState(matchMedia("(min-width: 1000px)").matches ? "people" : null);
  const Side = side && SIDES[side];
  useEffect(() => { if (side === "chat") readChat(); }, [side, unread]);
  /** @param {string} name */
  const toggle = (name) => setSide(side === name ? null : name);

  return html`<div class=${`call ${side ? "with-side" : ""}`} data-testid="room">
    <${TopBar} room=${room} />
    <main class="call-main">
      <${Notices} room=${room} />
      <${PrompterView} room=${room} />
      <${Stage} room=${room} />
    </main>
    ${Side && html`<aside class="call-side" aria-label=${t(`call.side.${side}`)}>
      <header><h2>${t(`call.side.${side}`)}</h2>
        <${Button} iconOnly small kind="ghost" icon="close" label=${t("action.close")}
          action=${() => setSide(null)} /></header>
      <${Side} room=${room} /></aside>`}
    <${Controls} room=${room} side=${side} toggle=${toggle} unread=${side === "chat" ? 0 : unread} />
    ${room.prompts.length > 0 && html`<${Consent} key=${room.prompts[0].requestId} prompt=${room.prompts[0]} />`}
  </div>`;
}

/** @param {{ room: import("./room-state.js").RoomState }} props */
function TopBar({ room }) {
  const state = useStore(line);
  const now = useServerTime();
  return html`<header class="call-top">
    <div class="call-name"><strong>${room.roomName}</strong>
      <span class=${`tag ${room.phase === "live" ? "good" : "warn"}`}
        data-testid="phase">${t(`phase.${room.phase}`)}</span>
      ${room.startedAt && html`<span class="numeric">${clockTime(now - Date.parse(room.startedAt))}</span>`}</div>
    <div class="top-end"><span class=${`connection ${state}`} role="status" aria-live="polite" data-testid="line">
        <span class="connection-word"><span class="dot" aria-hidden="true"></span><span class="word">
          ${t(`connection.${state === "live" ? "live" : "reconnecting"}`)}</span></span></span>
      <${LanguageSwitch} /><${ThemeSwitch} /></div>
  </header>`;
}

/** @param {{ room: import("./room-state.js").RoomState }} props */
function Notices({ room }) {
  const now = useServerTime();
  if (!room.graceEndsAt || room.hostOnline) return null;
  const left = clockTime(Date.parse(room.graceEndsAt) - now);
  return html`<p class="call-notice" role="status"
    data-testid="host-absent">${t("call.graceLeft", { time: left })}</p>`;
}

/**
 * A device is switched on only with the consent of its owner.
 * @param {{ prompt: import("./room-state.js").Prompt }} props
 */
function Consent({ prompt }) {
  const now = useServerTime();
  const seconds = Math.max(0, Math.ceil((Date.parse(prompt.until) - now) / 1000));
  const device = t(`device.${prompt.device}`);
  useEffect(() => {
    if (seconds === 0) removePrompt(prompt);
  }, [seconds === 0]);
  return html`<${Dialog} label=${t("call.consentTitle", { device })} close=${() => answerPrompt(prompt, false)}
    testId="consent">
    <div class="confirm"><h2>${t("call.consentTitle", { device })}</h2><p
      class="muted">${t("call.consentText", { n: seconds })}</p>
      <div class="form-actions">
        <${Button} label=${t("call.decline")} action=${() => answerPrompt(prompt, false)} testId="consent-no" />
        <${Button} kind="primary" label=${t("call.agree")} action=${() => answerPrompt(prompt, true)}
          testId="consent-yes" />
      </div></div>
  <//>`;
}
