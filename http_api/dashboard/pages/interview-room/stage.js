// The participants' pictures; beside a shared screen, if there is one.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { Avatar } from "../../components/avatar.js";
import { Icon } from "../../components/icons.js";
import { media } from "./media.js";
import { peers } from "./peers.js";
import { ownName } from "./room-state.js";
import { Video } from "./video.js";

/** @param {{ room: import("./room-state.js").RoomState }} props */
export function Stage({ room }) {
  const { tracks } = useStore(media);
  const known = useStore(peers);
  const you = room.you.participantId;
  const sharing = room.participants.find(({ media: { screen } }) => screen);
  const shown = sharing && (sharing.participantId === you
    ? { track: tracks.screen } : { stream: known[sharing.participantId]?.streams.screen });
  return html`<div class=${`stage people-${Math.min(room.participants.length, 6)} ${sharing ? "sharing" : ""}`}>
    ${sharing && html`<figure class="tile screen" data-testid="shared-screen">
      <${Video} ...${shown} contain muted label=${t("call.screenOf", { name: sharing.name })} />
      <figcaption>${t("call.screenOf", { name: sharing.name })}</figcaption></figure>`}
    <div class="tiles">${room.participants.map((person) => html`<${Tile} key=${person.participantId} person=${person}
      own=${person.participantId === you} track=${tracks.camera} peer=${known[person.participantId]}
      hand=${room.hands.indexOf(person.participantId) + 1} />`)}
      ${room.participants.length === 1 && html`<p class="alone muted">${t("call.alone")}</p>`}</div>
  </div>`;
}

/**
 * @param {{ person: Push.ParticipantView, own: boolean, track: MediaStreamTrack | null,
 * peer: import("./peers.js").Peer | undefined, hand: number }} props
 */
function Tile({ person, own, track, peer, hand }) {
  const { camera, mic } = person.media;
  const away = person.reconnecting || (!own && peer && peer.state !== "connected");
  const identity = person.role === "host" ? t("call.host") : t(`identity.${person.identity}`);
  const bare = ownName(person);
  const name = own ? t("call.you", { name: bare || identity }) : bare;
  return html`<figure class=${`tile ${away ? "away" : ""}`} data-testid=${`tile-${person.participantId}`}
    data-state=${own ? "own" : peer?.state}>
    ${own ? track && html`<${Video} track=${track} muted mirrored label=${name || identity} />`
      : peer && html`<${Video} stream=${peer.streams.camera} label=${name || identity} />`}
    ${!(own ? track : camera) && html`<div class="tile-face"><${Avatar} name=${bare || identity}
      seed=${person.participantId} size=${72} /></div>`}
    ${away && html`<div class="tile-away"
      role="status">${t(person.reconnecting ? "call.peerAway" : "call.peerConnecting")}</div>`}
    ${hand > 0 && html`<span class="tile-hand" title=${t("call.handRaised")}><${Icon} name="hand"
      size=${16} /> ${hand}</span>`}
    <figcaption><${Icon} name=${mic ? "mic" : "micOff"} size=${14} />${name && html`<span>${name}</span>`}
      ${(!own || person.role === "host") && html`<b>${identity}</b>`}</figcaption>
  </figure>`;
}
