"""Caches WeChat's answers to one-time codes for seconds, so that a client can repeat a lost call with the same code."""

import asyncio
import hashlib
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("error.wechat")

SECONDS = 10
REDIS_TIMEOUT_SECONDS = 0.5
_POLLS = 5
_PAUSE_SECONDS = 0.05


class CodeAnswerCache:
    """Stores codes as digests. Without Redis nothing is cached, and a client that repeats a call needs a new code."""

    def __init__(self, redis: Redis, app_id: str) -> None:
        self._redis = redis
        self._prefix = f"wechat:{app_id}:answered:"

    async def get(self, *code: str) -> str | None:
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_SECONDS):
                answer: bytes | str | None = await self._redis.get(self._key(code))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("used wechat codes are not remembered: redis failed (%s)", type(error).__name__)
            return None
        return answer.decode() if isinstance(answer, bytes) else answer

    async def wait_for(self, *code: str) -> str | None:
        """The answer of a code that was just used; the process that used it may be about to store the answer."""
        for _ in range(_POLLS):
            if answer := await self.get(*code):
                return answer
            await asyncio.sleep(_PAUSE_SECONDS)
        return None

    async def store(self, answer: str, *code: str) -> None:
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_SECONDS):
                await self._redis.set(self._key(code), answer, ex=SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("used wechat codes are not remembered: redis failed (%s)", type(error).__name__)

    def _key(self, code: tuple[str, ...]) -> str:
        return self._prefix + hashlib.sha256("\n".join(code).encode()).hexdigest()
