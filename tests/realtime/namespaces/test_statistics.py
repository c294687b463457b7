"""`/statistics`: a snapshot is never older than a delivered push, and many clients share one reading."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime

from redis.asyncio import Redis

from domain.shared.authority import StaffAuthority
from domain.statistics.events import LiveStatistics, StatisticsChanged
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.statistics import StatisticsNamespace
from realtime.socketio.delivery import Delivery
from tests.realtime.realtime_process import IDS, RealtimeProcess, StaffClient, realtime_process
from tests.waiting import eventually


def figures(version: int) -> dict[str, object]:
    counted = dict.fromkeys(("total", "today_registered", "today_active", "today_logins", "online"), version)
    return {"date": date(2026, 11, 25), "at": datetime.now(UTC), "version": version, **counted}


class PausedReader:
    """Reads the statistics of `version` when `may_read` is set."""

    def __init__(self) -> None:
        self.version = 1
        self.readings = 0
        self.entering = 0
        """How many clients have asked for a snapshot."""
        self.may_read = asyncio.Event()
        self.may_read.set()

    async def current(self) -> LiveStatistics:
        self.readings += 1
        now = LiveStatistics.model_validate(figures(self.version))
        await self.may_read.wait()
        return now

    def namespace(self, context: NamespaceContext) -> StatisticsNamespace:
        reader = self

        class Counting(StatisticsNamespace):
            async def snapshot(self, authority: StaffAuthority) -> Sequence[Delivery]:
                reader.entering += 1
                return await super().snapshot(authority)

        return Counting(context, self)


async def push(it: RealtimeProcess, version: int) -> None:
    await it.bus.publish([StatisticsChanged.model_validate({"id": IDS.next_id(), **figures(version)})])


async def test_a_push_between_reading_and_entering_is_in_the_snapshot(redis_url: str, redis: Redis) -> None:
    reader = PausedReader()
    async with realtime_process(redis_url, more=[reader.namespace]) as it:
        reader.may_read.clear()
        entering = asyncio.create_task(it.connect_staff("/statistics"))

        await eventually(lambda: reader.readings == 1)
        await push(it, 5)
        head = (await it.bus.state()).head
        assert await it.edge.hub.reached(head, 10)
        reader.may_read.set()

        name, snapshot = await (await entering).event()
        assert (name, snapshot["version"], snapshot["total"]) == ("snapshot", 5, 5)


async def test_a_newer_reading_is_not_replaced_by_an_older_push(redis_url: str, redis: Redis) -> None:
    reader = PausedReader()
    async with realtime_process(redis_url, more=[reader.namespace]) as it:
        await push(it, 5)
        assert await it.edge.hub.reached((await it.bus.state()).head, 10)
        reader.version = 7

        dashboard = await it.connect_staff("/statistics")

        assert (await dashboard.event())[1]["version"] == 7


async def test_many_clients_that_start_anew_share_two_readings(redis_url: str, redis: Redis) -> None:
    reader = PausedReader()
    async with realtime_process(redis_url, more=[reader.namespace]) as it:
        reader.may_read.clear()
        first = asyncio.create_task(it.connect_staff("/statistics"))

        await eventually(lambda: reader.readings == 1)
        crowd = [asyncio.create_task(it.connect_staff("/statistics")) for _ in range(30)]
        await eventually(lambda: reader.entering == 31)
        reader.version = 2  # clients that came after the reading had begun must not get its result
        reader.may_read.set()

        versions = [(await dashboard.event())[1]["version"] for dashboard in await asyncio.gather(*crowd)]
        assert versions == [2] * 30
        assert (await _event(await first))["version"] == 1
        assert reader.readings == 2


async def _event(dashboard: StaffClient) -> dict[str, int]:
    return dict((await dashboard.event())[1])
