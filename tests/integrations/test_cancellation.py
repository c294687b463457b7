"""Background jobs end when cancelled, even when a driver swallows the cancellation."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.ports import Lease
from domain.statistics.ports import PushSlot, PushSlots
from domain.statistics.publisher import StatisticsPublisher
from domain.statistics.service import StatisticsService
from integrations.clock import SystemClock
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_recovery import EVERY_SECONDS, OutboxRecovery
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.statistics.maintenance import StatisticsMaintenance
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.redis.bus import StreamBus
from integrations.redis.presence import RedisPresenceStore
from integrations.security.ids import ObjectIds
from tests.background import job_runner

Database = AsyncIOMotorDatabase[dict[str, Any]]
CLOCK = SystemClock()


class CancellationSwallower(Lease, PushSlots):
    """Returns a result when it is cancelled, and thereby swallows the cancellation."""

    def __init__(self) -> None:
        self.called = asyncio.Event()

    async def acquire(self, name: str, seconds: float) -> bool:
        await self._answer()
        return False

    async def take(self) -> PushSlot:
        await self._answer()
        return PushSlot(None)

    async def latest(self) -> int:
        await self._answer()
        return 0

    async def _answer(self) -> None:
        self.called.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return


def outbox_recovery(database: "Database", redis: Redis, store: CancellationSwallower) -> Awaitable[None]:
    registry = CollectorRegistry()
    outbox = Outbox(database)
    relay = OutboxRelay(outbox, {}, StreamBus(redis, redis, registry), registry)
    return job_runner(OutboxRecovery(outbox, database, [], relay).background, store).run()


def statistics_maintenance(database: "Database", redis: Redis, store: CancellationSwallower) -> Awaitable[None]:
    return job_runner(StatisticsMaintenance(database, WriterRegistry(database), CLOCK).background, store).run()


def statistics_publication(database: "Database", redis: Redis, store: CancellationSwallower) -> Awaitable[None]:
    statistics = StatisticsService(StatisticsStore(database), RedisPresenceStore(redis), store, CLOCK)
    bus = StreamBus(redis, redis, CollectorRegistry())
    publisher = StatisticsPublisher(statistics, store, bus, CLOCK, ObjectIds())
    publisher.changed()
    return job_runner(publisher.background, store).run()


@pytest.mark.parametrize("work", [outbox_recovery, statistics_maintenance, statistics_publication])
async def test_a_job_ends_although_the_cancellation_was_swallowed(
    database: "Database", redis: Redis, work: Callable[["Database", Redis, CancellationSwallower], Any]
) -> None:
    store = CancellationSwallower()
    running = asyncio.create_task(work(database, redis, store))
    await asyncio.wait_for(store.called.wait(), EVERY_SECONDS + 5)

    running.cancel()

    done, _ = await asyncio.wait([running], timeout=5)
    assert done == {running}
