"""Counts refused accesses by person and day: a missing permission, or a record outside of the data scope."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, Protocol

from domain.shared.background import BackgroundJob, OnSignal
from domain.shared.business_day import business_day
from domain.shared.model import Model
from domain.shared.ports import Clock
from domain.shared.signal import Signal

PAUSE_SECONDS: Final = 1.0

Way = Literal["http", "socket"]


class RefusedAccesses(Model):
    """Of one person on one day."""

    day: date
    staff_id: str
    name: str
    count: int


class RefusalStore(Protocol):
    async def add(self, refused: Sequence[RefusedAccesses]) -> None:
        """Adds to what is stored. Raises Unavailable."""

    async def refusals_of(self, day: date) -> Sequence[RefusedAccesses]:
        """Raises Unavailable."""


class RefusalObserver(Protocol):
    def refused(self, way: Way) -> None: ...


class AccessRefusals:
    """Counts in memory and stores once a second, so that a flood of refusals costs one write a person. A process that
    dies loses the counts of its last second; the log still has the requests."""

    def __init__(self, store: RefusalStore, observer: RefusalObserver, clock: Clock) -> None:
        self._store = store
        self._observer = observer
        self._clock = clock
        self._waiting: Counter[tuple[date, str, str]] = Counter()
        self._counted = Signal()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("audit-refusals", OnSignal(self._counted, pause_seconds=PAUSE_SECONDS), self.flush),)

    def refused(self, way: Way, staff_id: str, name: str) -> None:
        self._observer.refused(way)
        self._waiting[business_day(self._clock.now()), staff_id, name] += 1
        self._counted.set()

    async def flush(self) -> None:
        """Raises Unavailable; the counts then stay for the next time."""
        taken = Counter(self._waiting)
        await self._store.add(
            [RefusedAccesses(day=day, staff_id=who, name=name, count=n) for (day, who, name), n in taken.items()]
        )
        self._waiting -= taken

    async def of_day(self, day: date) -> Sequence[RefusedAccesses]:
        """The most first. Raises Unavailable."""
        return sorted(await self._store.refusals_of(day), key=lambda each: (-each.count, each.name))
