// The room as this page knows it: a snapshot, and what the pushes change in it. Pure.

const LINES_KEPT = 500;

export const roomOf = (snapshot) => ({ ...snapshot, snapshotVersion: snapshot.version });

/** What the snapshot has already is told by its version. Pushes of one step share theirs, and each comes once. */
export const isNews = (room, payload) => Boolean(room) && payload.version > room.snapshotVersion;

export function apply(room, event, payload) {
  const change = CHANGES[event];
  return change ? { ...room, ...change(room, payload), version: payload.version } : room;
}

export const personOf = (room, id) => room.participants.find(({ participantId }) => participantId === id);
export const nameOf = (room, id) => personOf(room, id)?.name ?? "";

function withPerson(room, person) {
  const others = room.participants.filter(({ participantId }) => participantId !== person.participantId);
  const participants = [...others, person].sort((one, other) => one.rank - other.rank);
  return { participants, you: person.participantId === room.you.participantId ? person : room.you };
}

const CHANGES = {
  roomState: (room, { phase, settings, lockedDevices, hostOnline, graceEndsAt, at }) => ({
    phase, settings, lockedDevices, hostOnline, graceEndsAt, startedAt: room.startedAt ?? (phase === "live" ? at : null),
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
