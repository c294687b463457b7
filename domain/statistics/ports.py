"""Ports of the statistics."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from domain.statistics.counters import Counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.events import LiveStatistics


class StatisticsSource(Protocol):
    async def daily_counters(self, since: date, groups: Sequence[str]) -> DailyCounters:
        """The counters of `groups` from `since` on, and their total. Raises Unavailable.

        The cost depends on the number of days and app processes, not on the number of users.
        """

    async def counts_of(self, day: date) -> DailyCounters:
        """The group `counts` of `day`, and its total, with what app processes have counted and not stored yet.

        Raises Unavailable.
        """


class LiveCounters(Protocol):
    """Counters of app processes before they are stored. They may be lost; their ids are those of the stored ones."""

    async def put(self, counters: Mapping[str, Counters]) -> None:
        """Raises Unavailable."""

    async def newest(self, ids: Sequence[str]) -> Mapping[str, Counters]:
        """The counters that were put last; none for ids without recent ones. Raises Unavailable."""


class OnlineCounter(Protocol):
    async def count(self) -> int:
        """The number of staff connections of all app processes. Raises Unavailable."""


class PushSlot(NamedTuple):
    version: int | None
    """Higher than all before, for statistics that are read *after* the slot was taken. None: another one lasts."""
    next_in_seconds: float = 0.0
    """Of a slot that was not taken."""


class PushSlots(Protocol):
    """Slots for publishing the live statistics: at most twenty per second in all app processes together."""

    async def take(self) -> PushSlot:
        """Takes a slot, unless one lasts that was taken before. Raises Unavailable."""

    async def latest(self) -> int:
        """A version for statistics that are read after this call, without taking a slot.

        The version of the next slot is not lower. Raises Unavailable.
        """


class StatisticsReader(Protocol):
    async def current(self) -> LiveStatistics:
        """The live statistics now. Raises Unavailable."""
