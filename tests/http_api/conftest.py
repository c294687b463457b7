"""The HTTP edge over real stores."""

from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from tests.backend import Backend, backend


@pytest.fixture
async def strict(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Backend]:
    """As in production: only WeChat's codes prove who somebody is."""
    async with backend(mongodb_uri, redis_url, database.name) as running:
        yield running


@pytest.fixture
async def trusting(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Backend]:
    """As in development: bare openids and phones count."""
    async with backend(mongodb_uri, redis_url, database.name, accept_unverified=True) as running:
        yield running
