"""What the statistics need from outside."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.statistics.events import StatisticsNow
from domain.statistics.ledger import Ledger


class StatisticsSource(Protocol):
    async def ledger(self, since: date, groups: Sequence[str]) -> Ledger:
        """The days from `since` on, and the total; only the counters of `groups`. Raises Unavailable.

        Its cost depends on the number of days and of running workers, not on how many users there are.
        """


class OnlineCounter(Protocol):
    async def count(self) -> int:
        """Staff connections of all workers. Raises Unavailable."""


class PushSlots(Protocol):
    """Turns to tell all workers the figures: at most ten a second in the whole cluster."""

    async def take(self) -> int | None:
        """The version that what is read *after* this may carry, higher than all before; None while the turn of
        somebody else lasts. Raises Unavailable."""

    async def latest(self) -> int:
        """A version that what is read after this may carry, without taking a turn; the next turn's is not lower. Raises
        Unavailable."""


class StatisticsReader(Protocol):
    async def current(self) -> StatisticsNow:
        """The figures now. Raises Unavailable."""
