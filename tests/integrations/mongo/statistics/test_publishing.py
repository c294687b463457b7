"""Publication of the live statistics: by any app process, at a limited rate, and the latest always in the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.events import STREAM_START, StreamState
from domain.shared.ports import Clock
from domain.statistics.events import StatisticsChanged
from domain.statistics.publisher import StatisticsPublisher
from domain.statistics.service import StatisticsService
from integrations.clock import SystemClock
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.redis.bus import StreamBus, stream_reader
from integrations.redis.live_counters import RedisLiveCounters
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.push_slots import MILLISECONDS, RedisPushSlots
from integrations.security.ids import ObjectIds
from tests.background import in_background
from tests.domain.statistics.history import UserHistory
from tests.servers import RedisServer
from tests.waiting import eventually

Database = AsyncIOMotorDatabase[dict[str, Any]]


class Dashboard:
    """Follows the stream like a dashboard, and shows the push with the highest version."""

    def __init__(self) -> None:
        self.pushes: list[StatisticsChanged] = []

    @property
    def shown(self) -> StatisticsChanged | None:
        return max(self.pushes, key=lambda push: push.version, default=None)

    async def watch(self, url: str) -> None:
        async with AsyncExitStack() as stack:
            redis, reader = Redis.from_url(url), stream_reader(url)
            stack.push_async_callback(redis.aclose)
            stack.push_async_callback(reader.aclose)
            async for found in StreamBus(redis, reader, CollectorRegistry()).follow(STREAM_START):
                if not isinstance(found, StreamState):
                    self.pushes += [each.event for each in found if isinstance(each.event, StatisticsChanged)]


@asynccontextmanager
async def background(*jobs: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(job) for job in jobs]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


class AppProcess:
    def __init__(self, database: "Database", url: str, clock: Clock) -> None:
        self._clock = clock
        self._redis, self._reader = Redis.from_url(url, socket_timeout=2.0), stream_reader(url)
        ids, slots = ObjectIds(), RedisPushSlots(self._redis)
        store = StatisticsStore(database, RedisLiveCounters(self._redis))
        bus = StreamBus(self._redis, self._reader, CollectorRegistry())
        statistics = StatisticsService(store, RedisPresenceStore(self._redis), slots, clock)
        self.publisher = StatisticsPublisher(statistics, slots, bus, clock, ids)
        self.journal = MongoLoginJournal(database, WriterRegistry(database), store, clock, ids, self.publisher.changed)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["AppProcess"]:
        jobs = [*self.journal.background, *self.publisher.background]
        async with in_background(jobs, clock=self._clock):
            yield self
        await self.journal.end()
        await self._redis.aclose()
        await self._reader.aclose()


async def test_two_processes_publish_at_a_limited_rate_and_end_with_all_events(
    database: "Database", redis_url: str, redis: Redis
) -> None:
    clock, history, dashboard = SystemClock(), UserHistory(), Dashboard()
    for number in range(200):
        history.login(f"user {number % 150}", clock.now())

    async with background(dashboard.watch(redis_url)), AsyncExitStack() as stack:
        processes = [
            await stack.enter_async_context(AppProcess(database, redis_url, clock).running()) for _ in range(2)
        ]
        for number in range(0, 200, 5):
            await processes[number % 2].journal.follow(history.events[number : number + 5])
            await asyncio.sleep(0.02)  # the rate of the load
        await eventually(lambda: dashboard.shown is not None and dashboard.shown.today_logins == 200)

    assert dashboard.shown is not None
    assert (dashboard.shown.total, dashboard.shown.today_registered, dashboard.shown.today_active) == (150, 150, 150)
    # A version is the instant of its slot in milliseconds.
    slots = sorted(push.version for push in dashboard.pushes)
    assert all(later - earlier >= MILLISECONDS - 1 for earlier, later in pairwise(slots))
    ordered = sorted(dashboard.pushes, key=lambda push: push.version)
    assert [push.total for push in ordered] == sorted(push.total for push in ordered)


async def test_a_new_day_is_published_at_midnight(database: "Database", redis_url: str, redis: Redis) -> None:
    midnight = datetime(2026, 11, 24, 16, tzinfo=UTC)
    clock, history, dashboard = ShiftedClock(midnight - timedelta(seconds=0.6)), UserHistory(), Dashboard()
    history.login("one", clock.now())

    async with background(dashboard.watch(redis_url)), AppProcess(database, redis_url, clock).running() as process:
        await process.journal.follow(history.events)
        await eventually(lambda: dashboard.shown is not None and str(dashboard.shown.date) == "2026-11-25")

    assert dashboard.shown is not None
    assert (dashboard.shown.total, dashboard.shown.today_registered, dashboard.shown.today_active) == (1, 0, 0)


async def test_changes_during_an_outage_of_redis_are_published_after_it(
    database: "Database", own_redis: RedisServer
) -> None:
    clock, history, dashboard = SystemClock(), UserHistory(), Dashboard()
    for number in range(20):
        history.login(f"user {number}", clock.now())

    async with (
        background(dashboard.watch(own_redis.url)),
        AppProcess(database, own_redis.url, clock).running() as process,
    ):
        await process.journal.follow(history.events[:10])
        await eventually(lambda: dashboard.shown is not None and dashboard.shown.total == 10)
        own_redis.kill()
        await process.journal.follow(history.events[10:])
        await asyncio.sleep(0.3)  # the length of the outage
        own_redis.start()
        await eventually(lambda: dashboard.shown is not None and dashboard.shown.total == 20)


class ShiftedClock(Clock):
    """Runs like the system clock, but starts at another instant."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead
