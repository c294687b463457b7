"""Live changes of the contract board: pushes applied one by one give the same columns as a full recount."""

from random import Random
from typing import Any

import pytest

from tests.journeys.browser import chromium
from tests.journeys.running import Product

pytestmark = pytest.mark.browser

STATUSES = ("draft", "signing", "signed", "active", "replaced", "cancelled", "graduated", "refunded")
BOARD_READ_AT = "2026-05-01T08:00:00.000Z"
BEFORE, AFTER = "2026-05-01T07:59:59.000Z", "2026-05-01T08:00:01.000Z"
CARDS_READ = 5
"""The number of cards of a column that the page has read."""

APPLY_PUSHES = """async ([address, board, pushes]) => {
  const { applied, readBoard } = await import(address);
  return pushes.reduce((now, { push, shown }) => applied(now, push, shown), readBoard(board));
}"""


def card(number: int, status: str, version: int = 1) -> dict[str, Any]:
    return {"id": f"{number:024x}", "version": version, "contractStatus": status, "createdAt": BOARD_READ_AT}


def board_of(cards: list[dict[str, Any]]) -> dict[str, Any]:
    columns = []
    for status in STATUSES:
        own = [each for each in cards if each["contractStatus"] == status]
        columns.append({"status": status, "count": len(own), "cards": own[:CARDS_READ]})
    return {"columns": columns, "at": BOARD_READ_AT}


def random_pushes(rng: Random, cards: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Pushes of the server. Some are duplicates, and some are older than the board."""
    pushes: list[dict[str, Any]] = []
    for number in range(300):
        if rng.random() < 0.15:
            created = card(1_000 + number, "draft")
            cards[created["id"]] = created
            pushes.append({"push": {"card": created, "at": AFTER, "cause": "created"}, "shown": True})
        elif rng.random() < 0.2 and pushes:
            pushes.append(rng.choice(pushes))
        elif rng.random() < 0.1:
            old = rng.choice(list(cards.values()))
            stale = {**old, "version": 0, "contractStatus": rng.choice(STATUSES)}
            pushes.append({"push": {"card": stale, "at": BEFORE, "cause": "signer", "from": "draft"}, "shown": True})
        else:
            before = rng.choice(list(cards.values()))
            moved = {**before, "version": before["version"] + 1, "contractStatus": rng.choice(STATUSES)}
            step = {"card": moved, "at": AFTER, "cause": "x", "from": before["contractStatus"]}
            cards[moved["id"]] = moved
            pushes.append({"push": step, "shown": True})
    return pushes


async def test_the_columns_equal_a_recount_after_any_pushes(product: Product) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(product.url)
        theme = await page.evaluate("document.querySelector('script[src*=theme]').src")
        address = theme.replace("lib/theme.js", "pages/contracts/board/changes.js")
        for seed in range(8):
            rng = Random(seed)
            first = [card(number, rng.choice(STATUSES[:4])) for number in range(20)]
            cards = {each["id"]: each for each in first}
            board = board_of(first)

            after = await page.evaluate(APPLY_PUSHES, [address, board, random_pushes(rng, cards)])

            for column in after["columns"]:
                there = {each["id"] for each in cards.values() if each["contractStatus"] == column["status"]}
                shown = [each["id"] for each in column["cards"]]
                assert len(shown) == len(set(shown)), (seed, column["status"])
                assert column["count"] == len(there), (seed, column["status"])
                assert set(shown) <= there


async def test_a_push_of_an_unread_card_changes_the_counts_unless_it_is_older_than_the_board(
    product: Product,
) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(product.url)
        theme = await page.evaluate("document.querySelector('script[src*=theme]').src")
        address = theme.replace("lib/theme.js", "pages/contracts/board/changes.js")
        board = board_of([card(number, "signing") for number in range(9)])
        below = card(8, "active", version=2)
        step = {"card": below, "cause": "all-signed", "from": "signing"}
        gone = {"card": {**card(0, "signing", version=2), "isDeleted": True}, "at": AFTER, "cause": "deleted"}

        late = await page.evaluate(APPLY_PUSHES, [address, board, [{"push": {**step, "at": BEFORE}, "shown": True}]])
        moved = await page.evaluate(
            APPLY_PUSHES,
            [address, board, [{"push": {**step, "at": AFTER}, "shown": True}, {"push": gone, "shown": False}]],
        )

    counts = {column["status"]: column["count"] for column in moved["columns"]}
    assert {column["status"]: column["count"] for column in late["columns"]}["signing"] == 9
    assert (counts["signing"], counts["active"]) == (7, 1)
    assert [each["id"] for each in moved["columns"][3]["cards"]] == [below["id"]]
