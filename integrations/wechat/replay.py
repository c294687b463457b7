"""Answers to one-time codes, kept for moments: a client that lost our answer may ask again with the same code."""

import asyncio
import hashlib
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("error.wechat")

SECONDS = 10
PATIENCE_SECONDS = 0.5
_LOOKS = 5
_PAUSE_SECONDS = 0.05


class ReplayCache:
    """Codes are stored as digests. Without Redis nothing is remembered, and an honest repetition has to start over."""

    def __init__(self, redis: Redis, app_id: str) -> None:
        self._redis = redis
        self._prefix = f"wechat:{app_id}:answered:"

    async def recall(self, *code: str) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer: bytes | str | None = await self._redis.get(self._key(code))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("used wechat codes are not remembered: redis failed (%s)", type(error).__name__)
            return None
        return answer.decode() if isinstance(answer, bytes) else answer

    async def await_recall(self, *code: str) -> str | None:
        """For a code that was used a moment ago: whoever used it may be about to remember the answer."""
        for _ in range(_LOOKS):
            if answer := await self.recall(*code):
                return answer
            await asyncio.sleep(_PAUSE_SECONDS)
        return None

    async def remember(self, answer: str, *code: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._redis.set(self._key(code), answer, ex=SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("used wechat codes are not remembered: redis failed (%s)", type(error).__name__)

    def _key(self, code: tuple[str, ...]) -> str:
        return self._prefix + hashlib.sha256("\n".join(code).encode()).hexdigest()
