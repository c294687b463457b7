"""The simulated cloud."""

from collections.abc import AsyncIterator

import pytest

from tests.integrations.clocks import SettableClock
from tests.integrations.tencent.simulated import Cloud, simulated_cloud


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def cloud(clock: SettableClock) -> AsyncIterator[Cloud]:
    async with simulated_cloud(clock) as running:
        yield running
