"""Calls Redis for limits that must not make a request wait, also while Redis is down."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.exceptions import RedisError

log = logging.getLogger("error.limiter")

Answer = TypeVar("Answer")

TIMEOUT_SECONDS = 0.5
"""Limits are checked before every request, so they must not make it wait."""
PAUSE_SECONDS = 1.0
"""After a failure one caller in this time tries Redis again; the others are counted by this process."""
SECONDS_BETWEEN_WARNINGS = 60.0


class OutageGuard:
    def __init__(self, on_recovery: Callable[[], None], pause_seconds: float = PAUSE_SECONDS) -> None:
        """`on_recovery` is called when Redis answers again."""
        self._on_recovery = on_recovery
        self._pause_seconds = pause_seconds
        self._retry_at = -math.inf
        self._next_warning_at = -math.inf

    @property
    def is_paused(self) -> bool:
        return asyncio.get_running_loop().time() < self._retry_at

    async def call(self, command: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """The reply of Redis, or None without one in time."""
        loop_time = asyncio.get_running_loop().time
        if self.is_paused:
            return None
        if self._retry_at > -math.inf:
            self._retry_at = loop_time() + self._pause_seconds  # this caller tries Redis again
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await command()
        except (RedisError, OSError, TimeoutError) as error:
            self._retry_at = loop_time() + self._pause_seconds
            if loop_time() >= self._next_warning_at:
                self._next_warning_at = loop_time() + SECONDS_BETWEEN_WARNINGS
                log.warning("rate limits are kept by this process alone: redis failed (%s)", type(error).__name__)
            return None
        if self._retry_at > -math.inf:
            self._retry_at = -math.inf
            self._on_recovery()
        return answer
