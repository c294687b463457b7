"""Stores and the simulated provider for the agency of the demonstration."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from integrations.settings import Settings
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import Infrastructure, open_infrastructure
from tests.app_process import settings_of
from tests.contract_api import Provider, simulated_provider

Database = AsyncIOMotorDatabase[dict[str, Any]]


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with simulated_provider() as provider:
        yield provider


@pytest.fixture
def known(mongodb_uri: str, redis_url: str, redis: Redis, database: Database, provider: Provider) -> Settings:
    return settings_of(mongodb_uri, redis_url, database.name, esign_url=provider.url)


@pytest.fixture
async def base(known: Settings) -> AsyncIterator[Infrastructure]:
    async with open_infrastructure(known) as base:
        areas = wire_areas(base, known)
        await areas.prepare_stores()
        yield base
        await areas.close()
