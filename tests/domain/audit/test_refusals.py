"""Refused accesses are counted by person and day, and no count is lost while the store is away."""

from collections.abc import Sequence
from datetime import date

import pytest

from domain.audit.refusals import AccessRefusals, RefusedAccesses, Way
from domain.shared.errors import Unavailable
from tests.integrations.clocks import SettableClock


class Store:
    def __init__(self) -> None:
        self.added: list[RefusedAccesses] = []
        self.away = False

    async def add(self, refused: Sequence[RefusedAccesses]) -> None:
        if self.away:
            raise Unavailable
        self.added += refused

    async def refusals_of(self, day: date) -> Sequence[RefusedAccesses]:
        return [each for each in self.added if each.day == day]


class Observer:
    def __init__(self) -> None:
        self.ways: list[Way] = []

    def refused(self, way: Way) -> None:
        self.ways.append(way)


async def test_counts_wait_for_the_store_and_are_added_once() -> None:
    store, observer, clock = Store(), Observer(), SettableClock()
    refusals = AccessRefusals(store, observer, clock)
    refusals.refused("http", "w", "王芳")
    refusals.refused("socket", "l", "李强")
    store.away = True
    with pytest.raises(Unavailable):
        await refusals.flush()
    refusals.refused("http", "w", "王芳")
    store.away = False
    await refusals.flush()
    await refusals.flush()

    today = await refusals.of_day(clock.now().date())

    assert [(each.name, each.count) for each in today] == [("王芳", 2), ("李强", 1)]
    assert observer.ways == ["http", "socket", "http"]
