"""Fixtures of the HTTP edge over real stores."""

from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from tests.backend import Backend, backend
from tests.contracting import Member, Provider, Worker, simulated_provider, working


@pytest.fixture
async def strict(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Backend]:
    """A back end as in production: only codes that WeChat verifies identify a user."""
    async with backend(mongodb_uri, redis_url, database.name) as running:
        yield running


@pytest.fixture
async def trusting(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Backend]:
    """A back end as in development: unverified openids and phone numbers are accepted."""
    async with backend(mongodb_uri, redis_url, database.name, accept_unverified=True) as running:
        yield running


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with simulated_provider() as simulated:
        yield simulated


@pytest.fixture
async def worker(
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, object]]",
    provider: Provider,
) -> AsyncIterator[Worker]:
    """An app process with contracts and the simulated e-sign provider."""
    async with working(mongodb_uri, redis_url, database.name, provider) as running:
        yield running


@pytest.fixture
async def admin(worker: Worker) -> Member:
    return await worker.staff(Role.ADMIN)
