// An interview room: a snapshot, and what pushes change in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, isNews, nameOf, ownName, positionAt, roomOf } from "../../http_api/dashboard/pages/interview-room/room-state.js";

const HOST = { participantId: "h", name: "李经理", rank: 1, role: "host", media: { mic: true, camera: true, screen: false } };
const GUEST = { participantId: "g", name: "王女士", rank: 2, role: "guest", media: { mic: true, camera: true, screen: false } };

const room = (more = {}) => roomOf({
  version: 5, you: HOST, participants: [HOST], hands: [], chat: [], prompts: [], prompter: null, lobby: [], phase: "waiting",
  startedAt: null, ...more,
});

test("what the snapshot has already is no news", () => {
  assert.ok(!isNews(room(), { version: 5 }));
  assert.ok(isNews(room(), { version: 6 }));
});

test("participants come in by rank, are updated and leave with their raised hand", () => {
  const third = { ...GUEST, participantId: "t", rank: 3 };
  const joined = [third, GUEST].reduce((now, participant, index) =>
    apply(now, "peerJoined", { participant, version: 6 + index }), room());
  const muted = apply(joined, "peerMedia", { participantId: "g", media: { mic: false }, version: 8 });
  const raised = apply(muted, "handQueue", { hands: ["g", "t"], version: 9 });

  const left = apply(raised, "peerLeft", { participantId: "g", version: 10 });

  assert.deepEqual(joined.participants.map(({ participantId }) => participantId), ["h", "g", "t"]);
  assert.deepEqual(muted.participants[1].media, { mic: false });
  assert.deepEqual(left.hands, ["t"]);
  assert.equal(nameOf(left, "g"), "");
  assert.equal(left.version, 10);
});

test("a change of oneself changes both places", () => {
  const renamed = apply(room(), "peerUpdated", { participant: { ...HOST, name: "李老师" }, version: 6 });

  assert.equal(renamed.you.name, "李老师");
  assert.equal(renamed.participants[0].name, "李老师");
});

test("the start is the moment when the room first went live", () => {
  const live = apply(room(), "roomState", { phase: "live", at: "2026-05-01T08:00:00Z", version: 6 });
  const again = apply(live, "roomState", { phase: "live", at: "2026-05-01T09:00:00Z", version: 7 });

  assert.equal(again.startedAt, "2026-05-01T08:00:00Z");
});

test("the newest request for a device replaces the one before", () => {
  const asked = ["1", "2"].reduce((now, requestId) =>
    apply(now, "controlPrompt", { requestId, device: "mic", until: "x", version: 6 }), room());

  assert.deepEqual(asked.prompts, [{ requestId: "2", device: "mic", until: "x" }]);
});

test("a long chat keeps its newest lines", () => {
  const lines = Array.from({ length: 500 }, (_, id) => ({ id }));

  const after = apply(room({ chat: lines }), "chatMessage", { message: { id: 500 }, version: 6 });

  assert.equal(after.chat.length, 500);
  assert.deepEqual(after.chat.at(-1), { id: 500 });
});

test("an unknown event changes nothing", () => {
  const now = room();

  assert.equal(apply(now, "somethingNew", { version: 6 }), now);
});

test("the teleprompter's position follows from the server's clock", () => {
  const doc = { heightPx: 1000 };
  const playing = { state: "playing", position: 0.2, anchorAt: "2026-05-01T08:00:00Z", speed: 50 };
  const at = (seconds) => positionAt(Date.parse("2026-05-01T08:00:00Z") + seconds * 1000, { doc, state: playing });

  assert.equal(at(0), 0.2);
  assert.ok(Math.abs(at(4) - 0.4) < 1e-9);
  assert.equal(at(60), 1);
  assert.equal(positionAt(0, { doc, state: { ...playing, state: "paused" } }), 0.2);
});

test("a name stands without the identity that is shown beside it", () => {
  assert.equal(ownName({ name: "客户-王女士", identity: "customer" }), "王女士");
  assert.equal(ownName({ name: "阿姨-赵-阿姨", identity: "helper" }), "赵-阿姨");
  assert.equal(ownName({ name: "客户", identity: "customer" }), "");
  assert.equal(ownName({ name: "客户经理", identity: "staff" }), "客户经理");
});
