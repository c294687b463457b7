// The participants and those in the lobby; for the host, the actions on each.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { Avatar } from "../../components/avatar.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { Icon } from "../../components/icons.js";
import { Invitations } from "../../components/invitations.js";
import { Menu } from "../../components/menu.js";
import { command, isHost, send } from "./call.js";
import { ownName } from "./room-state.js";

/** @typedef {import("./room-state.js").RoomState} RoomState */
/** @typedef {Push.ParticipantView} Participant */

/** @param {{ room: RoomState }} props */
export function People({ room }) {
  const [asked, setAsked] = useState(/** @type {Participant | null} */ (null));
  const host = isHost();
  const { participants, lobby, settings } = room;
  /** @param {string} reason */
  const kick = (reason) => command("kick", { participantId: asked?.participantId, reason, ban: true });
  return html`<div class="side-body">
    ${lobby.length > 0 && html`<section class="lobby-list" aria-label=${t("call.waiting")}>
      <h3>${t("call.waiting")}</h3>
      <ul>${lobby.map((person) => html`<${LobbyRow} key=${person.participantId} person=${person} />`)}</ul>
    </section>`}
    <h3>${t("call.inside", { n: participants.length, most: settings.maxParticipants })}</h3>
    <ul class="roster" data-testid="roster">${participants.map((person) => html`<${Row} key=${person.participantId}
      room=${room} person=${person} kick=${host && (() => setAsked(person))} />`)}</ul>
    ${host && html`<div class="side-actions"><${Button} small icon="micOff" label=${t("call.muteAll")}
        action=${() => send("muteAll", { device: "mic" })} testId="mute-all" /></div>
      <h3>${t("call.invite")}</h3>
      <${Invitations} roomId=${room.roomId} />`}
    ${asked && html`<${Confirm} title=${t("call.kickTitle", { name: asked.name })} text=${t("call.kickText")}
      confirmLabel=${t("call.kick")} danger reason="optional" work=${kick} close=${() => setAsked(null)} />`}
  </div>`;
}

/** @param {{ room: RoomState, person: Participant, kick: (() => void) | false }} props `kick`: for the host */
function Row({ room, person, kick }) {
  const { participantId, identity, media, reconnecting } = person;
  const name = ownName(person);
  const about = [name && t(`identity.${identity}`), reconnecting && t("call.peerAway")].filter(Boolean).join(" · ");
  return html`<li data-testid=${`person-${participantId}`}>
    <${Avatar} name=${name || t(`identity.${identity}`)} seed=${participantId} size=${32} />
    <span class="roster-name">${name || t(`identity.${identity}`)}<span class="muted small-text">${about}</span></span>
    ${room.hands.includes(participantId) && html`<span class="hand-up" title=${t("call.handRaised")}>
      <${Icon} name="hand" size=${16} /></span>`}
    <${Icon} name=${media.mic ? "mic" : "micOff"} size=${16} />
    <${Icon} name=${media.camera ? "camera" : "cameraOff"} size=${16} />
    ${kick && participantId !== room.you.participantId
      && html`<${Actions} room=${room} person=${person} kick=${kick} />`}
  </li>`;
}

/** @param {{ person: Push.LobbyEntry }} props */
function LobbyRow({ person }) {
  const { participantId, identity } = person;
  const name = ownName(person);
  /** @param {boolean} accept */
  const decide = (accept) => send("lobbyDecide", { participantId, accept });
  return html`<li>
    <span class="roster-name">${name}<span class="muted small-text">${t(`identity.${identity}`)}</span></span>
    <${Button} small label=${t("call.refuse")} action=${() => decide(false)} testId=${`refuse-${participantId}`} />
    <${Button} small kind="primary" label=${t("call.admit")} action=${() => decide(true)}
      testId=${`admit-${participantId}`} /></li>`;
}

/** @param {{ room: RoomState, person: Participant, kick: () => void }} props */
function Actions({ room, person, kick }) {
  const { participantId: target, name, media } = person;
  /** @param {string} device @param {boolean} enabled */
  const request = (device, enabled) => send("controlRequest", { target, device, enabled });
  /** @type {[icon: string, label: string, work: () => unknown, name: string][]} */
  const actions = [];
  for (const device of /** @type {const} */ (["mic", "camera"])) {
    actions.push(media[device]
      ? [`${device}Off`, t(`call.switchOff.${device}`), () => request(device, false), `off-${device}`]
      : [device, t("call.askFor", { device: t(`device.${device}`) }), () => request(device, true), `ask-${device}`]);
  }
  if (media.screen) {
    actions.push(["desktop", t("call.switchOff.screen"), () => request("screen", false), "off-screen"]);
  }
  if (room.hands.includes(target)) {
    actions.push(["hand", t("call.handLower"), () => send("handLower", { participantId: target }), "lower-hand"]);
  }
  actions.push(["block", t("call.kick"), kick, "kick"]);
  return html`<${Menu} label=${t("call.actions", { name })} trigger=${html`<${Icon} name="more" />`}
    testId=${`actions-${target}`}>
    ${(/** @type {() => void} */ close) => actions.map(([icon, label, work, testId]) => html`<button type="button"
      class="menu-item" key=${testId} data-testid=${`action-${testId}`} onClick=${() => { close(); work(); }}>
      <${Icon} name=${icon} />${label}</button>`)}<//>`;
}
