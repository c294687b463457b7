"""The event bus: one order for all readers, no loss during outages of Redis, and a new epoch after a real loss."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.errors import Unavailable
from domain.shared.events import STREAM_START, DomainEvent, StreamEntry, StreamState
from domain.users.events import UserChanged
from integrations.redis import bus as bus_module
from integrations.redis.bus import StreamBus, stream_reader
from tests.realtime.realtime_process import user_changed
from tests.servers import RedisServer
from tests.waiting import eventually


class Reader:
    def __init__(self) -> None:
        self.entries: list[StreamEntry] = []
        self.states: list[StreamState] = []

    @property
    def versions(self) -> list[int]:
        return [entry.event.version for entry in self.entries if isinstance(entry.event, UserChanged)]

    async def read(self, bus: StreamBus, after: str = STREAM_START) -> None:
        async for found in bus.follow(after):
            if isinstance(found, StreamState):
                self.states.append(found)
            else:
                self.entries += found


@asynccontextmanager
async def a_bus(url: str) -> AsyncIterator[StreamBus]:
    redis, reader = Redis.from_url(url, socket_timeout=5.0), stream_reader(url)
    yield StreamBus(redis, reader, CollectorRegistry())
    await redis.aclose()
    await reader.aclose()


@asynccontextmanager
async def reading(bus: StreamBus) -> AsyncIterator[Reader]:
    reader = Reader()
    task = asyncio.create_task(reader.read(bus))
    yield reader
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def publish_with_retries(bus: StreamBus, events: Sequence[DomainEvent]) -> None:
    """Publishes like the outbox relay: repeats until it succeeds."""

    async def published() -> bool:
        try:
            await bus.publish(events)
        except Unavailable:
            return False
        return True

    await eventually(published)


async def test_all_readers_see_one_order(redis_url: str, redis: Redis) -> None:
    async with a_bus(redis_url) as one, a_bus(redis_url) as other, reading(one) as left, reading(other) as right:
        for version in range(20):
            await (one if version % 3 else other).publish([user_changed(version)])
        await eventually(lambda: len(left.entries) == len(right.entries) == 20)

        assert left.versions == right.versions == list(range(20))
        assert [entry.offset for entry in left.entries] == [entry.offset for entry in right.entries]


async def test_an_event_that_is_published_again_is_stored_once(redis_url: str, redis: Redis) -> None:
    async with a_bus(redis_url) as bus:
        events = [user_changed(version) for version in range(3)]

        await bus.publish(events)
        await bus.publish(events)

        assert [entry.event.id for entry in await bus.history(STREAM_START, "+")] == [event.id for event in events]


async def test_history_returns_the_entries_between_two_offsets(redis_url: str, redis: Redis) -> None:
    async with a_bus(redis_url) as bus:
        for version in range(4):
            await bus.publish([user_changed(version)])
        offsets = [entry.offset for entry in await bus.history(STREAM_START, "+")]

        middle = await bus.history(offsets[0], offsets[2])

        assert [entry.offset for entry in middle] == offsets[1:3]


async def test_nothing_is_lost_or_repeated_when_redis_is_killed_and_restarted(own_redis: RedisServer) -> None:
    async with a_bus(own_redis.url) as bus, reading(bus) as reader:
        for round_ in range(4):
            publishing = [
                asyncio.create_task(publish_with_retries(bus, [user_changed(round_ * 10 + number)]))
                for number in range(10)
            ]
            await asyncio.sleep(0.005)  # some are published, some under way
            await asyncio.to_thread(own_redis.kill)
            await asyncio.to_thread(own_redis.start)
            await asyncio.gather(*publishing)
        await eventually(lambda: len(reader.entries) >= 40)

        assert sorted(reader.versions) == list(range(40))
        assert len({state.epoch for state in reader.states}) == 1


async def test_publishing_raises_unavailable_while_redis_is_down(own_redis: RedisServer) -> None:
    async with a_bus(own_redis.url) as bus:
        await asyncio.to_thread(own_redis.kill)

        with pytest.raises(Unavailable):
            await bus.publish([user_changed(1)])


async def test_an_emptied_redis_starts_a_new_epoch(redis_url: str, redis: Redis) -> None:
    async with a_bus(redis_url) as bus, reading(bus) as reader:
        await bus.publish([user_changed(1)])
        await eventually(lambda: reader.versions == [1])

        await redis.flushdb()
        await bus.publish([user_changed(2)])
        await eventually(lambda: len(reader.states) == 2 and reader.versions == [1, 2])

        assert reader.states[0].epoch != reader.states[1].epoch


async def test_a_stream_that_lost_its_last_entries_starts_a_new_epoch_for_all_readers(
    redis_url: str, redis: Redis
) -> None:
    async with a_bus(redis_url) as bus, reading(bus) as one, reading(bus) as other:
        await bus.publish([user_changed(1)])
        await eventually(lambda: one.versions == other.versions == [1])

        await redis.delete("{bus}:stream", "{bus}:seen")  # the epoch stays: as after a crash that lost the last second
        await eventually(lambda: len(one.states) == len(other.states) == 2)

        assert one.states[1].epoch == other.states[1].epoch != one.states[0].epoch


async def test_the_state_says_from_which_offset_the_history_is_complete(
    redis_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_bus(redis_url) as bus:
        monkeypatch.setattr(bus_module, "MAX_ENTRIES", 100)
        assert (await bus.state()).complete_after == STREAM_START

        for _ in range(30):
            await bus.publish([user_changed(version) for version in range(10)])
        state = await bus.state()

        kept = await bus.history(STREAM_START, "+")
        assert len(kept) < 300
        assert state.complete_after == kept[0].offset
        assert state.head == kept[-1].offset


async def test_an_event_of_a_newer_version_is_skipped(redis_url: str, redis: Redis) -> None:
    async with a_bus(redis_url) as bus, reading(bus) as reader:
        await bus.publish([user_changed(1)])
        await redis.xadd("{bus}:stream", {"e": '{"type":"not.yet.known","id":"1"}'})
        await bus.publish([user_changed(2)])

        await eventually(lambda: reader.versions == [1, 2])
