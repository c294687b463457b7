"""An app process for the routes of customers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from tests.app_process import RunningProcess, running_process, settings_of
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired


@pytest.fixture
async def running(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> AsyncIterator[RunningProcess]:
    async with running_process(settings_of(mongodb_uri, redis_url, database.name)) as process:
        yield process


@pytest.fixture
async def admin(running: RunningProcess) -> CustomerStaff:
    return await hired(running, Role.ADMIN)


@pytest.fixture
async def seller(running: RunningProcess) -> CustomerStaff:
    return await hired(running, Role.EMPLOYEE, "李静")


@pytest.fixture
async def other(running: RunningProcess) -> CustomerStaff:
    return await hired(running, Role.EMPLOYEE, "赵敏")
