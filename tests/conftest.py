"""Fixtures for all tests: the real servers, one of each for the whole run, and empty stores."""

import os
import uuid
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from redis.asyncio import Redis

from tests.servers import MongoServer, RedisServer


@pytest.fixture(scope="session")
def mongodb_uri() -> Iterator[str]:
    server = MongoServer()
    server.start()
    yield server.uri
    server.dispose()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    server = RedisServer()
    server.start()
    yield server.url
    server.dispose()


@pytest.fixture
async def database(mongodb_uri: str) -> AsyncIterator["AsyncIOMotorDatabase[dict[str, Any]]"]:
    """An empty database for this test."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri, tz_aware=True)
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield client[name]
    await client.drop_database(name)
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """With FORBID_SKIPS a skipped test fails, so that the run cannot pass because something was not installed."""
    report = yield
    if os.environ.get("FORBID_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
