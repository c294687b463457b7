"""Batches Redis commands of many callers into pipelines, so that thousands of reconnecting clients do not open
thousands of connections to Redis."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from domain.shared.errors import Unavailable
from integrations.batcher import Batcher
from integrations.redis.failures import redis_failures

AddCommand = Callable[[Pipeline], Any]
"""Adds one command to the pipeline. A script's call returns an awaitable, which is awaited."""

PipelineBatcher = Batcher[AddCommand, Any]

_MAX_COMMANDS: Final = 500


def pipeline_batcher(redis: Redis) -> PipelineBatcher:
    """A batcher that sends each batch as one pipeline; `submit` returns the command's reply or raises Unavailable.

    Pipelines never overlap: commands run in the order in which they were submitted.
    """

    async def send(commands: Sequence[AddCommand]) -> Sequence[Any]:
        with redis_failures():
            async with redis.pipeline(transaction=False) as pipe:
                for add_to in commands:
                    added = add_to(pipe)
                    if asyncio.iscoroutine(added):
                        await added
                replies = await pipe.execute(raise_on_error=False)
        return [Unavailable() if isinstance(reply, RedisError) else reply for reply in replies]

    return Batcher(send, _MAX_COMMANDS, stall_seconds=None)
