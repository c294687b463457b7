"""Fixtures of the HTTP edge over real stores."""

from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from tests.contract_api import ContractApi, Provider, StaffMember, contract_api, simulated_provider
from tests.http_api.socket_members import Member, one_of_each_role
from tests.user_api import UserApi, user_api


@pytest.fixture
async def strict(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[UserApi]:
    """A back end as in production: only codes that WeChat verifies identify a user."""
    async with user_api(mongodb_uri, redis_url, database.name) as running:
        yield running


@pytest.fixture
async def trusting(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[UserApi]:
    """A back end as in development: unverified openids and phone numbers are accepted."""
    async with user_api(mongodb_uri, redis_url, database.name, accept_unverified=True) as running:
        yield running


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with simulated_provider() as simulated:
        yield simulated


@pytest.fixture
async def api(
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, object]]",
    provider: Provider,
) -> AsyncIterator[ContractApi]:
    """An app process with contracts and the simulated e-sign provider."""
    async with contract_api(mongodb_uri, redis_url, database.name, provider) as running:
        yield running


@pytest.fixture
async def admin(api: ContractApi) -> StaffMember:
    return await api.staff(Role.ADMIN)


@pytest.fixture
async def members(api: ContractApi) -> AsyncIterator[list[Member]]:
    async with one_of_each_role(api) as members:
        yield members
