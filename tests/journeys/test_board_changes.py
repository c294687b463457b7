"""The step from one board to the next, run in the browser that runs it, against plain recounting."""

from random import Random
from typing import Any

import pytest

from tests.journeys.browser import chromium
from tests.journeys.running import Product

pytestmark = pytest.mark.browser

STATUSES = ("draft", "signing", "signed", "active", "replaced", "cancelled", "graduated", "refunded")
READ_AT = "2026-05-01T08:00:00.000Z"
BEFORE, AFTER = "2026-05-01T07:59:59.000Z", "2026-05-01T08:00:01.000Z"
SHOWN = 5
"""Cards of a column that were read; the others are below."""

STEPS = """async ([address, board, pushes]) => {
  const { applied, readBoard } = await import(address);
  return pushes.reduce((now, { push, shown }) => applied(now, push, shown), readBoard(board));
}"""


def card(number: int, status: str, version: int = 1) -> dict[str, Any]:
    return {"id": f"{number:024x}", "version": version, "contractStatus": status, "createdAt": READ_AT}


def board_of(cards: list[dict[str, Any]]) -> dict[str, Any]:
    columns = []
    for status in STATUSES:
        own = [each for each in cards if each["contractStatus"] == status]
        columns.append({"status": status, "count": len(own), "cards": own[:SHOWN]})
    return {"columns": columns, "at": READ_AT}


def told(dice: Random, cards: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What happens, as the server tells it; some of it twice, and some of it from before the board was read."""
    pushes: list[dict[str, Any]] = []
    for number in range(300):
        if dice.random() < 0.15:
            made = card(1_000 + number, "draft")
            cards[made["id"]] = made
            pushes.append({"push": {"card": made, "at": AFTER, "cause": "created"}, "shown": True})
        elif dice.random() < 0.2 and pushes:
            pushes.append(dice.choice(pushes))
        elif dice.random() < 0.1:
            old = dice.choice(list(cards.values()))
            stale = {**old, "version": 0, "contractStatus": dice.choice(STATUSES)}
            pushes.append({"push": {"card": stale, "at": BEFORE, "cause": "signer", "from": "draft"}, "shown": True})
        else:
            before = dice.choice(list(cards.values()))
            moved = {**before, "version": before["version"] + 1, "contractStatus": dice.choice(STATUSES)}
            step = {"card": moved, "at": AFTER, "cause": "x", "from": before["contractStatus"]}
            cards[moved["id"]] = moved
            pushes.append({"push": step, "shown": True})
    return pushes


async def test_whatever_is_told_however_often_the_columns_are_what_a_recount_gives(product: Product) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(product.url)
        theme = await page.evaluate("document.querySelector('script[src*=theme]').src")
        address = theme.replace("lib/theme.js", "pages/contracts/board/changes.js")
        for seed in range(8):
            dice = Random(seed)  # picks what happens next
            first = [card(number, dice.choice(STATUSES[:4])) for number in range(20)]
            cards = {each["id"]: each for each in first}
            board = board_of(first)

            after = await page.evaluate(STEPS, [address, board, told(dice, cards)])

            for column in after["columns"]:
                there = {each["id"] for each in cards.values() if each["contractStatus"] == column["status"]}
                shown = [each["id"] for each in column["cards"]]
                assert len(shown) == len(set(shown)), (seed, column["status"])
                assert column["count"] == len(there), (seed, column["status"])
                assert set(shown) <= there


async def test_a_card_from_further_down_moves_the_counts_and_one_from_before_the_reading_moves_nothing(
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

        late = await page.evaluate(STEPS, [address, board, [{"push": {**step, "at": BEFORE}, "shown": True}]])
        moved = await page.evaluate(
            STEPS, [address, board, [{"push": {**step, "at": AFTER}, "shown": True}, {"push": gone, "shown": False}]]
        )

    counts = {column["status"]: column["count"] for column in moved["columns"]}
    assert {column["status"]: column["count"] for column in late["columns"]}["signing"] == 9
    assert (counts["signing"], counts["active"]) == (7, 1)
    assert [each["id"] for each in moved["columns"][3]["cards"]] == [below["id"]]
