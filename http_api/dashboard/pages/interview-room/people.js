// The participants and those in the lobby; for the host, the actions on each.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { Avatar } from "../../components/avatar.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { Icon } from "../../components/icons.js";
import { Menu } from "../../components/menu.js";
import { command, isHost, send } from "./call.js";
import { Invitations } from "./invitations.js";

/** @param {{ room: import("./room-state.js").RoomState }} props */
export function People({ room }) {
  const [asked, setAsked] = useState(/** @type {Push.ParticipantView | null} */ (null));
  const host = isHost();
  return html`<div class="side-body">
    ${room.lobby.length > 0 && html`<section class="lobby-list" aria-label=${t("call.waiting")}><h3>${t("call.waiting")}</h3>
      <ul>${room.lobby.map((person) => html`<${LobbyRow} key=${person.participantId} person=${person} />`)}</ul></section>`}
    <h3>${t("call.inside", { n: room.participants.length, most: room.settings.maxParticipants })}</h3>
    <ul class="roster" data-testid="roster">${room.participants.map((person) => html`<li key=${person.participantId} data-testid=${`person-${person.participantId}`}>
      <${Avatar} name=${person.name} seed=${person.participantId} size=${32} />
      <span class="roster-name">${person.name}<span class="muted small-text">${t(`identity.${person.identity}`)}${person.reconnecting ? ` · ${t("call.peerAway")}` : ""}</span></span>
      ${room.hands.includes(person.participantId) && html`<span class="hand-up" title=${t("call.handRaised")}><${Icon} name="hand" size=${16} /></span>`}
      <${Icon} name=${person.media.mic ? "mic" : "micOff"} size=${16} /><${Icon} name=${person.media.camera ? "camera" : "cameraOff"} size=${16} />
      ${host && person.participantId !== room.you.participantId && html`<${Actions} room=${room} person=${person} kick=${() => setAsked(person)} />`}
    </li>`)}</ul>
    ${host && html`<div class="side-actions">
      <${Button} small icon="micOff" label=${t("call.muteAll")} action=${() => send("muteAll", { device: "mic" })} testId="mute-all" /></div>
      <${Invitations} roomId=${room.roomId} />`}
    ${asked && html`<${Confirm} title=${t("call.kickTitle", { name: asked.name })} text=${t("call.kickText")} confirmLabel=${t("call.kick")} danger
      reason="optional" work=${(/** @type {string} */ reason) => command("kick", { participantId: asked.participantId, reason, ban: true })} close=${() => setAsked(null)} />`}
  </div>`;
}

/** @param {{ person: Push.LobbyEntry }} props */
function LobbyRow({ person }) {
  /** @param {boolean} accept */
  const decide = (accept) => send("lobbyDecide", { participantId: person.participantId, accept });
  return html`<li><span class="roster-name">${person.name}<span class="muted small-text">${t(`identity.${person.identity}`)}</span></span>
    <${Button} small label=${t("call.refuse")} action=${() => decide(false)} testId=${`refuse-${person.participantId}`} />
    <${Button} small kind="primary" label=${t("call.admit")} action=${() => decide(true)} testId=${`admit-${person.participantId}`} /></li>`;
}

/**
 * @param {{ room: import("./room-state.js").RoomState, person: Push.ParticipantView, kick: () => void }} props
 */
function Actions({ room, person, kick }) {
  const target = person.participantId;
  /** @param {string} device @param {boolean} enabled */
  const request = (device, enabled) => send("controlRequest", { target, device, enabled });
  /** @typedef {[icon: string, label: string, work: () => unknown, name: string]} Action */
  const devices = /** @type {const} */ ([["mic", person.media.mic], ["camera", person.media.camera]]);
  const rows = devices.map(([device, on]) => /** @type {Action} */ ([
    on ? `${device}Off` : device, on ? t(`call.switchOff.${device}`) : t("call.askFor", { device: t(`device.${device}`) }),
    () => request(device, !on), `${on ? "off" : "ask"}-${device}`,
  ]));
  if (person.media.screen) rows.push(["desktop", t("call.switchOff.screen"), () => request("screen", false), "off-screen"]);
  if (room.hands.includes(target)) rows.push(["hand", t("call.handLower"), () => send("handLower", { participantId: target }), "lower-hand"]);
  rows.push(["block", t("call.kick"), kick, "kick"]);
  return html`<${Menu} label=${t("call.actions", { name: person.name })} trigger=${html`<${Icon} name="more" />`} testId=${`actions-${target}`}>
    ${(/** @type {() => void} */ close) => rows.map(([icon, label, work, name]) => html`<button type="button" class="menu-item" key=${name} data-testid=${`action-${name}`}
      onClick=${() => { close(); work(); }}><${Icon} name=${icon} />${label}</button>`)}<//>`;
}
