"""Fixtures for all tests: the real servers, one of each for the whole run, and empty stores."""

import asyncio
import gc
import os
import uuid
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import MongoClient
from pymongo.database import Database
from redis.asyncio import Redis

from tests.servers import MongoServer, RedisServer


@pytest.fixture(scope="session")
def mongodb_uri() -> Iterator[str]:
    server = MongoServer(synced=False)
    server.start()
    yield server.uri
    server.dispose()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    server = RedisServer(synced=False)
    server.start()
    yield server.url
    server.dispose()


@pytest.fixture(scope="session")
def prepared_database(mongodb_uri: str, redis_url: str) -> "Iterator[Database[dict[str, Any]]]":
    """One database with the indexes of all areas: to create them costs more than most tests."""
    from tests.app_process import PREPARED, prepare_database  # pure tests do without the product

    name = f"{PREPARED}{uuid.uuid4().hex[:12]}"
    asyncio.run(prepare_database(mongodb_uri, redis_url, name))
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        yield client[name]


@pytest.fixture
async def database(
    mongodb_uri: str, prepared_database: "Database[dict[str, Any]]"
) -> AsyncIterator["AsyncIOMotorDatabase[dict[str, Any]]"]:
    """A database without documents, and with the indexes of all areas."""
    for name in prepared_database.list_collection_names():
        prepared_database[name].delete_many({})
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri, tz_aware=True)
    yield client[prepared_database.name]
    client.close()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the Redis server of the run, emptied."""
    client = Redis.from_url(redis_url, socket_timeout=None)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis server for this test alone, which it may kill and restart."""
    server = RedisServer()
    server.start()
    yield server
    server.dispose()


def pytest_collection_finish() -> None:
    """All is imported and collected: the garbage collector walks through it no more, a tenth of the CPU of a test."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """With FORBID_SKIPS a skipped test fails, so that the run cannot pass because something was not installed."""
    report = yield
    if os.environ.get("FORBID_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
