// The state of the room on this page: a snapshot, and what pushes change in it. Pure functions.

const LINES_KEPT = 500;

/**
 * @typedef {{ doc: Push.PrompterDoc, state: Push.PrompterState }} Prompter
 * @typedef {Pick<Push.ControlPromptPush, "requestId" | "device" | "until">} Prompt a request to switch a device on
 * @typedef {object} RoomState
 * @property {number} version
 * @property {number} snapshotVersion
 * @property {string} roomId
 * @property {string} roomName
 * @property {string} phase
 * @property {Push.RoomSettings} settings
 * @property {string[]} lockedDevices
 * @property {boolean} hostOnline
 * @property {string | null} graceEndsAt
 * @property {string | null} startedAt
 * @property {Push.ParticipantView} you
 * @property {Push.ParticipantView[]} participants
 * @property {Push.LobbyEntry[]} lobby
 * @property {string[]} hands ids of the participants who raised a hand, in that order
 * @property {Push.ChatMessage[]} chat
 * @property {Prompt[]} prompts
 * @property {Prompter | null} prompter
 * @property {Record<string, { position: number, atEnd: boolean }>} [progress] of the workers' teleprompters
 */

/** @type {(snapshot: any) => RoomState} */
export const roomOf = (snapshot) => ({ ...snapshot, snapshotVersion: snapshot.version });

/**
 * True if the snapshot does not have the push yet. Pushes of one change share a version, and each arrives once.
 * @param {RoomState} room
 * @param {{ version: number }} payload
 */
export const isNews = (room, payload) => Boolean(room) && payload.version > room.snapshotVersion;

/**
 * @param {RoomState} room
 * @param {string} event
 * @param {any} payload
 * @returns {RoomState}
 */
export function apply(room, event, payload) {
  const change = CHANGES[event];
  return change ? { ...room, ...change(room, payload), version: payload.version } : room;
}

/** @param {RoomState} room @param {string} id */
export const personOf = (room, id) => room.participants.find(({ participantId }) => participantId === id);
/** @param {RoomState} room @param {string} id */
export const nameOf = (room, id) => personOf(room, id)?.name ?? "";

/** @type {Record<string, string>} */
const IDENTITY_PREFIXES = { customer: "客户", helper: "阿姨" };

/**
 * The name without the identity, which guests have in front of it (`客户-王女士`): for places that show it beside the
 * name. Empty for a guest without a name.
 * @param {{ name: string, identity: string }} person
 */
export function ownName({ name, identity }) {
  const prefix = IDENTITY_PREFIXES[identity];
  if (!prefix) return name;
  if (name === prefix) return "";
  return name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : name;
}

/**
 * @param {RoomState} room
 * @param {Push.ParticipantView} person
 */
function withPerson(room, person) {
  const others = room.participants.filter(({ participantId }) => participantId !== person.participantId);
  const participants = [...others, person].sort((one, other) => one.rank - other.rank);
  return { participants, you: person.participantId === room.you.participantId ? person : room.you };
}

/** @type {Record<string, (room: RoomState, payload: any) => Partial<RoomState>>} */
const CHANGES = {
  roomState: (room, { phase, settings, lockedDevices, hostOnline, graceEndsAt, at }) => ({
    phase, settings, lockedDevices, hostOnline, graceEndsAt,
    startedAt: room.startedAt ?? (phase === "live" ? at : null),
  }),
  peerJoined: (room, { participant }) => withPerson(room, participant),
  peerUpdated: (room, { participant }) => withPerson(room, participant),
  peerReconnecting: (room, { participant }) => withPerson(room, participant),
  peerResumed: (room, { participant }) => withPerson(room, participant),
  peerLeft: (room, { participantId }) => ({
    participants: room.participants.filter((person) => person.participantId !== participantId),
    hands: room.hands.filter((id) => id !== participantId),
  }),
  peerMedia: (room, { participantId, media }) => {
    const person = personOf(room, participantId);
    return person ? withPerson(room, { ...person, media }) : {};
  },
  lobbyWaiting: (_, { waiting }) => ({ lobby: waiting }),
  handQueue: (_, { hands }) => ({ hands }),
  chatMessage: (room, { message }) => ({ chat: [...room.chat, message].slice(-LINES_KEPT) }),
  controlPrompt: (room, { requestId, device, until }) =>
    ({ prompts: [...room.prompts.filter((asked) => asked.device !== device), { requestId, device, until }] }),
  prompterDoc: (_, { doc, state }) => ({ prompter: { doc, state } }),
  prompterState: (room, { state }) => (room.prompter ? { prompter: { ...room.prompter, state } } : {}),
  prompterProgress: (room, { participantId, position, atEnd }) =>
    ({ progress: { ...room.progress, [participantId]: { position, atEnd } } }),
  hostAbsent: (_, { graceEndsAt }) => ({ hostOnline: false, graceEndsAt }),
  hostBack: () => ({ hostOnline: true, graceEndsAt: null }),
};

/**
 * How far the text of the teleprompter has scrolled, from 0 to 1.
 * @param {number} now by the server's clock
 * @param {Prompter} prompter
 */
export function positionAt(now, { doc, state }) {
  if (state.state !== "playing" || !state.anchorAt) return state.position;
  const moved = ((now - Date.parse(state.anchorAt)) / 1000) * (state.speed / doc.heightPx);
  return Math.min(1, Math.max(0, state.position + moved));
}
