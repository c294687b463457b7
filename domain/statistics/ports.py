"""Ports of the statistics."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.statistics.daily_counters import DailyCounters
from domain.statistics.events import LiveStatistics


class StatisticsSource(Protocol):
    async def daily_counters(self, since: date, groups: Sequence[str]) -> DailyCounters:
        """The counters of `groups` from `since` on, and their total. Raises Unavailable.

        The cost depends on the number of days and app processes, not on the number of users.
        """


class OnlineCounter(Protocol):
    async def count(self) -> int:
        """The number of staff connections of all app processes. Raises Unavailable."""


class PushSlots(Protocol):
    """Slots for publishing the live statistics: at most twenty per second in all app processes together."""

    async def take(self) -> int | None:
        """Takes a slot: returns a version, higher than all before, for statistics that are read *after* this call.

        None while the slot of another app process lasts. Raises Unavailable.
        """

    async def latest(self) -> int:
        """A version for statistics that are read after this call, without taking a slot.

        The version of the next slot is not lower. Raises Unavailable.
        """


class StatisticsReader(Protocol):
    async def current(self) -> LiveStatistics:
        """The live statistics now. Raises Unavailable."""
