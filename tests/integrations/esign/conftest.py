"""A simulated provider and a client for each test."""

from collections.abc import AsyncIterator

import pytest

from integrations.esign.client import EsignClient
from tests.integrations.esign.simulated import SimulatedProvider, simulated


@pytest.fixture
async def provider() -> AsyncIterator[SimulatedProvider]:
    async with simulated() as provider:
        yield provider


@pytest.fixture
def client(provider: SimulatedProvider) -> EsignClient:
    return provider.client()
