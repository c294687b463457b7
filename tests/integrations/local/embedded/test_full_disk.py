"""The embedded servers on a disk that another program fills: they go on, and recover without help."""

import itertools
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.integrations.local.embedded.test_embedded import running_stack, until_answered
from tests.small_disk import SmallDisk, small_disk
from tests.waiting import eventually

DOCUMENT_BYTES = 50_000


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(40) as disk:
        yield disk


async def test_redis_serves_reads_and_writes_on_a_full_disk_and_persists_everything_when_there_is_room(
    disk: SmallDisk,
) -> None:
    async with running_stack(disk.path / "data", mongodb=False) as stack, stack.redis as redis:
        await redis.set("before", 1)
        disk.fill()

        await until_answered(lambda: redis.set("meanwhile", 2))
        await until_answered(lambda: appends(redis, "no"))
        assert await redis.set("later", 3)

        disk.clear()
        await until_answered(lambda: appends(redis, "yes"))
    async with running_stack(disk.path / "data", mongodb=False) as again, again.redis as redis:
        assert await redis.mget("before", "meanwhile", "later") == [b"1", b"2", b"3"]


async def appends(redis: Redis, wanted: str) -> None:
    """Raises RedisError, so that it is asked again, until the append-only file is as wanted."""
    info = await redis.info("persistence")
    if (await redis.config_get("appendonly"))["appendonly"] != wanted or info["aof_rewrite_in_progress"]:
        raise RedisError


async def test_mongodb_starts_on_a_full_disk_with_the_reserve_and_is_read(disk: SmallDisk) -> None:
    async with running_stack(disk.path / "data", redis=False) as stack, stack.mongodb as mongodb:
        await mongodb.shop.orders.insert_one({"_id": 1})
        disk.fill()

        for pid in stack.stack.pids:
            os.kill(pid, signal.SIGKILL)

        assert await until_answered(lambda: mongodb.shop.orders.find_one()) == {"_id": 1}


async def test_a_mongodb_server_that_answers_errors_only_is_restarted_and_has_all_that_it_acknowledged(
    disk: SmallDisk,
) -> None:
    async with running_stack(disk.path / "data", redis=False) as stack, stack.mongodb as mongodb:
        await mongodb.shop.orders.insert_one({"_id": "before"})
        broken, stored = stack.stack.pids, await write_until_nothing_works(mongodb, disk)

        await eventually(lambda: not set(broken) & set(stack.stack.pids))
        disk.clear()

        await until_answered(lambda: mongodb.shop.orders.insert_one({"_id": "after"}))
        assert await mongodb.shop.orders.count_documents({"_id": {"$in": ["before", *stored]}}) == len(stored) + 1


async def write_until_nothing_works(mongodb: AsyncMongoClient[dict[str, Any]], disk: SmallDisk) -> list[int]:
    """Writes to a disk without space, as the product never would, until the storage engine stops.

    The keys of the documents that were stored.
    """
    stored: list[int] = []
    for key in itertools.count():
        disk.fill()
        try:
            await mongodb.shop.orders.insert_one({"_id": key, "text": "x" * DOCUMENT_BYTES})
            stored.append(key)
        except OperationFailure:
            if not await can_read(mongodb):
                break
    return stored


async def can_read(mongodb: AsyncMongoClient[dict[str, Any]]) -> bool:
    try:
        await mongodb.shop.orders.find_one()
    except OperationFailure:
        return False
    return True
