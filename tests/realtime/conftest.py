"""Two workers that serve interviews over the same stores."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.realtime.studio import ShiftedClock, Studio, studio

Both = tuple[Studio, Studio]


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
async def both(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any, clock: ShiftedClock
) -> AsyncIterator[Both]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(studio(redis_url, mongodb_uri, database.name, "w1", clock=clock))
        two = await stack.enter_async_context(studio(redis_url, mongodb_uri, database.name, "w2", clock=clock))
        yield one, two
