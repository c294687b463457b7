// The step from one board to the next, against plain recounting.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readBoard, withMore, withPush } from "../../http_api/dashboard/pages/contracts/board/changes.js";
import { seededRandom } from "./random.js";

const STATUSES = ["draft", "signing", "signed", "active", "replaced", "cancelled", "graduated", "refunded"];
const READ_AT = "2026-05-01T08:00:00.000Z";
const BEFORE = "2026-05-01T07:59:59.000Z";
const AFTER = "2026-05-01T08:00:01.000Z";
const SHOWN = 5; // cards of a column that were read; the others are below

const card = (number, status, version = 1) =>
  ({ id: number.toString(16).padStart(24, "0"), version, contractStatus: status, createdAt: READ_AT });

function boardOf(cards) {
  const columns = STATUSES.map((status) => {
    const own = cards.filter((each) => each.contractStatus === status);
    return { status, count: own.length, cards: own.slice(0, SHOWN) };
  });
  return readBoard({ columns, at: READ_AT });
}

/** Pushes as the server sends them; some twice, and some from before the board was read. Moves `cards` along. */
function pushesAbout(random, cards) {
  const pushes = [];
  for (let number = 0; number < 300; number += 1) {
    if (random.chance(0.15)) {
      const made = card(1_000 + number, "draft");
      cards.set(made.id, made);
      pushes.push({ card: made, at: AFTER, cause: "created" });
    } else if (random.chance(0.2) && pushes.length) {
      pushes.push(random.choice(pushes));
    } else if (random.chance(0.1)) {
      const stale = { ...random.choice([...cards.values()]), version: 0, contractStatus: random.choice(STATUSES) };
      pushes.push({ card: stale, at: BEFORE, cause: "signer", from: "draft" });
    } else {
      const before = random.choice([...cards.values()]);
      const moved = { ...before, version: before.version + 1, contractStatus: random.choice(STATUSES) };
      cards.set(moved.id, moved);
      pushes.push({ card: moved, at: AFTER, cause: "x", from: before.contractStatus });
    }
  }
  return pushes;
}

const countsOf = (board) => Object.fromEntries(board.columns.map(({ status, count }) => [status, count]));

for (let seed = 0; seed < 40; seed += 1) {
  test(`whatever is pushed, however often: the columns are what a recount gives (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const first = Array.from({ length: 20 }, (_, number) => card(number, random.choice(STATUSES.slice(0, 4))));
    const cards = new Map(first.map((each) => [each.id, each]));

    const after = pushesAbout(random, cards).reduce((board, push) => withPush(board, push, true), boardOf(first));

    for (const column of after.columns) {
      const there = new Set([...cards.values()].filter((each) => each.contractStatus === column.status).map(({ id }) => id));
      const shown = column.cards.map(({ id }) => id);
      assert.equal(shown.length, new Set(shown).size);
      assert.equal(column.count, there.size);
      assert.ok(shown.every((id) => there.has(id)));
    }
  });
}

const nineSigning = () => boardOf(Array.from({ length: 9 }, (_, number) => card(number, "signing")));

test("a card below those that were read moves the counts", () => {
  const below = card(8, "active", 2);
  const gone = { card: { ...card(0, "signing", 2), isDeleted: true }, at: AFTER, cause: "deleted" };

  const moved = withPush(nineSigning(), { card: below, cause: "all-signed", from: "signing", at: AFTER }, true);
  const after = withPush(moved, gone, false);

  assert.equal(countsOf(after).signing, 7);
  assert.equal(countsOf(after).active, 1);
  assert.deepEqual(after.columns[3].cards.map(({ id }) => id), [below.id]);
});

test("a push from before the board was read moves nothing", () => {
  const board = nineSigning();

  const after = withPush(board, { card: card(8, "active", 2), cause: "all-signed", from: "signing", at: BEFORE }, true);

  assert.equal(after, board);
});

test("an older version of a known card moves nothing", () => {
  const board = boardOf([card(1, "signing", 5)]);

  assert.equal(withPush(board, { card: card(1, "active", 5), cause: "x", from: "signing", at: AFTER }, true), board);
});

test("a card that does not match the filters any more leaves", () => {
  const after = withPush(boardOf([card(1, "signing")]), { card: card(1, "signing", 2), cause: "assigned", at: AFTER }, false);

  assert.equal(countsOf(after).signing, 0);
  assert.deepEqual(after.columns[1].cards, []);
});

test("a card that was assigned to the reader arrives", () => {
  const push = { card: card(7, "active", 4), cause: "assigned", at: AFTER, formerOwnerId: "other" };

  const after = withPush(boardOf([]), push, true);

  assert.equal(countsOf(after).active, 1);
  assert.equal(after.columns[3].cards[0].arrived, AFTER);
});

test("more cards of a column come below, each once", () => {
  const page = { status: "signing", count: 9, cards: [card(4, "signing"), card(5, "signing"), card(6, "signing")] };

  const after = withMore(nineSigning(), page);

  assert.deepEqual(after.columns[1].cards.map(({ id }) => Number.parseInt(id, 16)), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(after.columns[1].last, card(6, "signing").id);
});
