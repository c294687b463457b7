"""Commands of many callers at once, sent together: thousands of clients that come back must not open thousands of
connections to Redis."""

import asyncio
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from domain.shared.errors import Unavailable
from integrations.redis.failures import redis_failures

Adding = Callable[[Pipeline], Any]
"""Adds commands to the pipeline; may have to be awaited (scripts)."""

_LARGEST = 500


class Batches:
    """One batch is under way at a time; what comes meanwhile is the next. Whoever comes alone waits for nobody."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: list[tuple[Adding, asyncio.Future[Any]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def run(self, adding: Adding) -> Any:
        """The answer to the one command that `adding` adds. Raises Unavailable."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((adding, answer))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:_LARGEST]
                del self._waiting[: len(batch)]
                await self._send(batch)
        finally:
            self._worker = None

    async def _send(self, batch: list[tuple[Adding, "asyncio.Future[Any]"]]) -> None:
        try:
            with redis_failures():
                async with self._redis.pipeline(transaction=False) as pipe:
                    for adding, _ in batch:
                        added = adding(pipe)
                        if asyncio.iscoroutine(added):
                            await added
                    answers = await pipe.execute(raise_on_error=False)
        except Unavailable as error:
            answers = [error] * len(batch)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue  # its caller has gone
            if isinstance(answer, RedisError | Unavailable):
                future.set_exception(Unavailable())
            else:
                future.set_result(answer)
