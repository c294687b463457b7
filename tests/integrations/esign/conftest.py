"""A provider for each test."""

from collections.abc import AsyncIterator

import pytest

from integrations.esign.client import EsignClient
from tests.integrations.esign.simulated import Simulated, simulated


@pytest.fixture
async def provider() -> AsyncIterator[Simulated]:
    async with simulated() as provider:
        yield provider


@pytest.fixture
def client(provider: Simulated) -> EsignClient:
    return provider.client()
