"""Pushes of the figures: by any worker, seldom enough, and in the end always the newest."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.events import STREAM_START, StreamState
from domain.shared.ports import Clock
from domain.statistics.events import StatisticsChanged
from domain.statistics.publisher import StatisticsPublisher
from domain.statistics.service import StatisticsService
from integrations.clock import SystemClock
from integrations.mongo.statistics.store import Figures, Writers
from integrations.mongo.users.login_journal import MongoLoginJournal
from integrations.redis.bus import StreamBus, stream_reader
from integrations.redis.presence import RedisPresenceStore
from integrations.redis.push_slots import MILLISECONDS, RedisPushSlots
from integrations.security.ids import ObjectIds
from tests.background import in_background
from tests.domain.statistics.history import History
from tests.realtime.harness import until
from tests.servers import RedisServer

Database = AsyncIOMotorDatabase[dict[str, Any]]


class Wall:
    """What a dashboard would show: the newest push, and how it came there."""

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


class Worker:
    def __init__(self, database: "Database", url: str, clock: Clock) -> None:
        self._clock = clock
        self._redis, self._reader = Redis.from_url(url, socket_timeout=2.0), stream_reader(url)
        ids, figures, slots = ObjectIds(), Figures(database), RedisPushSlots(self._redis)
        bus = StreamBus(self._redis, self._reader, CollectorRegistry())
        statistics = StatisticsService(figures, RedisPresenceStore(self._redis), slots, clock)
        self.publisher = StatisticsPublisher(statistics, slots, bus, clock, ids)
        self.journal = MongoLoginJournal(database, Writers(database), figures, clock, ids, self.publisher.changed)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Worker"]:
        jobs = [*self.journal.background, *self.publisher.background]
        async with in_background(jobs, clock=self._clock):
            yield self
        await self.journal.end()
        await self._redis.aclose()
        await self._reader.aclose()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """One that a test may kill."""
    server = RedisServer()
    server.start()
    yield server
    server.dispose()


async def test_two_workers_push_seldom_and_end_with_everything(
    database: "Database", redis_url: str, redis: Redis
) -> None:
    clock, history, wall = SystemClock(), History(), Wall()
    for number in range(200):
        history.login(f"user {number % 150}", clock.now())

    async with background(wall.watch(redis_url)), AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(Worker(database, redis_url, clock).running()) for _ in range(2)]
        for number in range(0, 200, 5):
            await workers[number % 2].journal.follow(history.facts[number : number + 5])
            await asyncio.sleep(0.02)
        await until(lambda: wall.shown is not None and wall.shown.today_logins == 200)

    assert wall.shown is not None
    assert (wall.shown.total, wall.shown.today_registered, wall.shown.today_active) == (150, 150, 150)
    # A version is the instant of its turn in milliseconds.
    turns = sorted(push.version for push in wall.pushes)
    assert all(later - earlier >= MILLISECONDS - 1 for earlier, later in pairwise(turns))
    ordered = sorted(wall.pushes, key=lambda push: push.version)
    assert [push.total for push in ordered] == sorted(push.total for push in ordered)


async def test_a_new_day_is_pushed_by_itself(database: "Database", redis_url: str, redis: Redis) -> None:
    midnight = datetime(2026, 11, 24, 16, tzinfo=UTC)
    clock, history, wall = ShiftedClock(midnight - timedelta(seconds=0.6)), History(), Wall()
    history.login("one", clock.now())

    async with background(wall.watch(redis_url)), Worker(database, redis_url, clock).running() as worker:
        await worker.journal.follow(history.facts)
        await until(lambda: wall.shown is not None and str(wall.shown.date) == "2026-11-25")

    assert wall.shown is not None
    assert (wall.shown.total, wall.shown.today_registered, wall.shown.today_active) == (1, 0, 0)


async def test_what_changed_while_redis_was_away_is_pushed_when_it_returns(
    database: "Database", own_redis: RedisServer
) -> None:
    clock, history, wall = SystemClock(), History(), Wall()
    for number in range(20):
        history.login(f"user {number}", clock.now())

    async with (
        background(wall.watch(own_redis.url)),
        Worker(database, own_redis.url, clock).running() as worker,
    ):
        await worker.journal.follow(history.facts[:10])
        await until(lambda: wall.shown is not None and wall.shown.total == 10)
        own_redis.kill()
        await worker.journal.follow(history.facts[10:])
        await asyncio.sleep(0.3)
        own_redis.start()
        await until(lambda: wall.shown is not None and wall.shown.total == 20)


class ShiftedClock(Clock):
    """Runs as the machine's, from another instant on."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead
