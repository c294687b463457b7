"""The ZEGO client against the simulated cloud and a real Redis."""

from collections.abc import AsyncIterator
from typing import Protocol

import aiohttp
import pytest
from redis.asyncio import Redis

from integrations.breaker import CircuitBreaker
from integrations.local.simulators.zego.state import SIM_PROJECT
from integrations.zego.call_pacer import CallPacer
from integrations.zego.client import ZegoClient
from integrations.zego.http import ZegoHttp
from tests.integrations.zego.simulated import Cloud, simulated_cloud

Calls = list[tuple[str, str]]


class NewClient(Protocol):
    def __call__(
        self,
        total_seconds: float = 5,
        max_wait_seconds: float = 5,
        secret: str = SIM_PROJECT.server_secret,
        tolerated_failures: int = 100,
    ) -> ZegoClient:
        """The client of one app process."""


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    async with simulated_cloud() as cloud:
        yield cloud


@pytest.fixture
def calls() -> Calls:
    """Action and outcome of every try."""
    return []


@pytest.fixture
def new_client(cloud: Cloud, redis: Redis, calls: Calls) -> NewClient:
    def build(
        total_seconds: float = 5,
        max_wait_seconds: float = 5,
        secret: str = SIM_PROJECT.server_secret,
        tolerated_failures: int = 100,
    ) -> ZegoClient:
        http = ZegoHttp(
            cloud.http,
            cloud.url,
            SIM_PROJECT.app_id,
            secret,
            CallPacer(redis, SIM_PROJECT.app_id, max_wait_seconds),
            cloud.clock,
            lambda action, outcome, seconds: calls.append((action, outcome)),
            timeout=aiohttp.ClientTimeout(total=total_seconds),
            pause_seconds=0.001,
            breaker=CircuitBreaker(tolerated_failures),
        )
        return ZegoClient(http)

    return build


@pytest.fixture
def client(new_client: NewClient) -> ZegoClient:
    return new_client()
