"""Two interview processes over the same stores."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.realtime.interview_process import AdjustableClock, InterviewProcess, interview_process

ProcessPair = tuple[InterviewProcess, InterviewProcess]


@pytest.fixture
def clock() -> AdjustableClock:
    return AdjustableClock()


@pytest.fixture
async def processes(
    redis_url: str, redis: Redis, mongodb_uri: str, database: Any, clock: AdjustableClock
) -> AsyncIterator[ProcessPair]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(
            interview_process(redis_url, mongodb_uri, database.name, "w1", clock=clock)
        )
        two = await stack.enter_async_context(
            interview_process(redis_url, mongodb_uri, database.name, "w2", clock=clock)
        )
        yield one, two
