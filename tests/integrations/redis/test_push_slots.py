"""Push slots: twenty per second for all app processes together, and versions that only increase."""

import asyncio
from itertools import pairwise

from redis.asyncio import Redis

from integrations.redis.push_slots import MILLISECONDS, RedisPushSlots
from tests.waiting import eventually


async def next_version(slots: RedisPushSlots) -> int:
    async def version() -> int | None:
        return (await slots.take()).version

    return await eventually(version)


async def test_a_slot_is_taken_by_one_process(redis: Redis) -> None:
    processes = [RedisPushSlots(redis) for _ in range(10)]

    taken = await asyncio.gather(*(process.take() for process in processes))

    # A version is the instant of its slot; on a slow machine the last calls may be in the next slot.
    instants = sorted(slot.version for slot in taken if slot.version is not None)
    assert instants
    assert all(0 < slot.next_in_seconds <= MILLISECONDS / 1000 for slot in taken if slot.version is None)
    assert all(later - earlier >= MILLISECONDS - 1 for earlier, later in pairwise(instants))


async def test_versions_increase_across_processes(redis: Redis) -> None:
    one, other = RedisPushSlots(redis), RedisPushSlots(redis)

    versions = [await next_version(slots) for slots in (one, other, one)]

    assert versions == sorted(set(versions))
    assert await other.latest() == versions[-1]


async def test_versions_increase_after_redis_lost_its_data(redis: Redis) -> None:
    slots = RedisPushSlots(redis)
    before = await next_version(slots)

    await redis.flushdb()
    await asyncio.sleep(0.002)  # versions are milliseconds, and no server restarts within one

    read = await slots.latest()
    assert before < read <= await next_version(slots)


async def test_versions_increase_after_the_clock_was_set_back(redis: Redis) -> None:
    slots = RedisPushSlots(redis)
    ahead = await next_version(slots) + 10**9
    await redis.set("{statistics}:version", ahead)

    assert await next_version(slots) == ahead + 1
