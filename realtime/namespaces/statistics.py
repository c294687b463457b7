"""`/statistics`: the live statistics. Only the newest values matter."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from domain.services import Services
from domain.shared.authority import StaffAuthority
from domain.shared.events import StreamEntry
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from domain.statistics.events import LiveStatistics, StatisticsChanged
from domain.statistics.ports import StatisticsReader
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME = "/statistics"


class Statistics(Model):
    date: dt.date
    total: int
    today_registered: int
    today_active: int
    today_logins: int
    online: int
    at: Instant
    version: int

    @classmethod
    def of(cls, now: LiveStatistics) -> "Statistics":
        return cls(**{name: getattr(now, name) for name in cls.model_fields})


SNAPSHOT = Push("snapshot", Statistics, Text("进入时的数字", "The values at the time of entering"))
STATISTICS = Push(
    "statistics",
    Statistics,
    Text(
        "最新数字，每秒最多二十次；version 较小的已过时",
        "The newest values, at most twenty times a second; a lower `version` is older",
    ),
    latest_only=True,
)


class StatisticsNamespace(StaffNamespace):
    name = NAME
    permission = "miniprogram-user:statistics"
    about = Text("实时统计", "Live statistics")
    pushes: ClassVar = (SNAPSHOT, STATISTICS)

    @classmethod
    def build(cls, context: NamespaceContext, services: Services) -> Self:
        return cls(context, services.statistics.figures)

    def __init__(self, context: NamespaceContext, reader: StatisticsReader) -> None:
        super().__init__(context)
        self._reader = reader
        self._newest: Statistics | None = None
        self._next_reading: asyncio.Task[Statistics] | None = None
        self._reading = asyncio.Lock()
        context.hub.translate(StatisticsChanged, self.push)

    async def snapshot(self, authority: StaffAuthority) -> Sequence[Delivery]:
        if self._next_reading is None:
            self._next_reading = asyncio.create_task(self._read())
        # Shielded: other clients wait for the same reading.
        return [SNAPSHOT.delivery(NAME, ("staff",), await asyncio.shield(self._next_reading))]

    async def _read(self) -> Statistics:
        """One reading serves all clients that came before it began, so that a crowd costs only a few readings."""
        async with self._reading:
            self._next_reading = None
            return Statistics.of(await self._reader.current())

    def newest_snapshot(self, read: Sequence[Delivery]) -> Sequence[Delivery]:
        """Includes a push that came between the reading and the entering."""
        if self._newest is None or all(self._newest.version <= _version(each) for each in read):
            return read
        return [SNAPSHOT.delivery(NAME, ("staff",), self._newest)]

    def latest_values(self) -> Sequence[Delivery]:
        return [] if self._newest is None else [STATISTICS.delivery(NAME, ("staff",), self._newest)]

    def push(self, entry: StreamEntry) -> Sequence[Delivery]:
        """Processes read first and publish then, so an older reading may arrive later; it is dropped."""
        event = entry.event
        if not isinstance(event, StatisticsChanged) or (self._newest and event.version <= self._newest.version):
            return ()
        self._newest = Statistics.of(event)
        return [STATISTICS.delivery(NAME, ("staff",), self._newest, entry)]


def _version(snapshot: Delivery) -> int:
    assert isinstance(snapshot.payload, Mapping)  # noqa: S101  # the model says so
    version = snapshot.payload["version"]
    assert isinstance(version, int)  # noqa: S101
    return version
