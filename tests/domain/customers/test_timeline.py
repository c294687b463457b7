"""The timeline: one order of all sources, a cursor that stays valid, and sources that fail."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest

from domain.customers.errors import CustomerNotFound
from domain.customers.queries import CustomerQueries
from domain.customers.timeline.service import CustomerTimeline
from domain.shared.authority import Role, StaffAuthority
from domain.shared.errors import Unavailable
from domain.shared.text import Text
from domain.shared.timeline import TimelineCursor, TimelineEntry
from tests.domain.contracts.builders import staff
from tests.domain.customers.builders import NOW

READER = staff(Role.EMPLOYEE)


class Source:
    def __init__(self, name: str, entries: list[TimelineEntry], permission: str = "customer:view") -> None:
        self.name, self.stored, self.permissions = name, entries, (permission,)

    async def entries(
        self, customer_id: str, reader: StaffAuthority, before: TimelineCursor | None, limit: int
    ) -> list[TimelineEntry]:
        ordered = sorted(self.stored, key=lambda each: (each.at, each.id), reverse=True)
        return [each for each in ordered if before is None or before.is_before(each.at, each.id)][:limit]


class BrokenSource(Source):
    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(name, [])
        self.error = error

    async def entries(self, *arguments: Any) -> list[TimelineEntry]:
        raise self.error


class SlowSource(Source):
    async def entries(self, *arguments: Any) -> list[TimelineEntry]:
        await asyncio.Event().wait()
        return []


class Customers:
    async def within_scope(self, customer_id: str, by: StaffAuthority) -> None:
        if customer_id != "c":
            raise CustomerNotFound


def entry(number: int, minutes: int) -> TimelineEntry:
    return TimelineEntry(id=f"{number:03d}", at=NOW + timedelta(minutes=minutes), kind="x", title=Text("甲", "A"))


def timeline(*sources: Any, seconds: float = 5) -> CustomerTimeline:
    return CustomerTimeline(cast(CustomerQueries, Customers()), sources, seconds)


async def test_pages_have_every_entry_once_in_one_order_while_new_ones_come() -> None:
    first = Source("first", [entry(number, number // 3) for number in range(0, 40, 2)])
    second = Source("second", [entry(number, number // 3) for number in range(1, 40, 2)])
    both, before, seen = timeline(first, second), None, []
    while True:
        page = await both.page("c", READER, before, 7)
        seen += [each.id for each in page.entries]
        first.stored.append(entry(900 + len(seen), 10_000))
        if page.next is None:
            break
        before = TimelineCursor.parse(str(page.next))

    assert seen == [f"{number:03d}" for number in reversed(range(40))]


async def test_sources_that_fail_are_named_and_the_others_shown() -> None:
    good = Source("good", [entry(1, 1)])
    sources = [BrokenSource("down", Unavailable()), good, BrokenSource("wrong", KeyError("x")), SlowSource("slow", [])]

    page = await timeline(*sources, seconds=0.01).page("c", READER, None, 10)

    assert ([each.id for each in page.entries], page.unavailable) == (["001"], ["down", "wrong", "slow"])


async def test_a_source_needs_its_permission_and_the_customer_the_scope() -> None:
    hidden = Source("hidden", [entry(1, 1)], permission="admin:roles")

    page = await timeline(hidden).page("c", READER, None, 10)

    assert (page.entries, page.unavailable) == ([], [])
    with pytest.raises(CustomerNotFound):
        await timeline(hidden).page("another", READER, None, 10)
