"""Rate limits that all workers share."""

import asyncio
import hashlib
import logging
import math
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.shared.errors import RateLimited
from domain.shared.ports import Clock, RateLimiter
from integrations.batcher import Batcher
from integrations.redis.local_buckets import LocalBuckets

log = logging.getLogger("error.limiter")

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 0.5
"""A limit is asked before everything else; it must not be what a request waits for."""
PAUSE_SECONDS = 1.0
"""After a failure only one caller in this time tries Redis again; the others are counted here."""
SECONDS_BETWEEN_WARNINGS = 60.0

_LARGEST_GROUP = 200
"""Uses in one script: nothing else is served while it runs."""

_SLIDING_WINDOWS = """
-- Sliding windows, one a key: a sorted set of uses, scored by their instant in milliseconds.
-- KEYS the windows. ARGV, five a key: now (ms), length (ms), limit, cost (0 only looks), a name for this use.
-- Answers for each key, in turn, 0 when there was room (and the use is counted), else the milliseconds until there is;
-- -1 for a key that holds something else, which is no concern of the others.
local function take(window, now, length, limit, cost, name)
  redis.call('ZREMRANGEBYSCORE', window, '-inf', now - length)
  local used = redis.call('ZCARD', window)
  local asked = math.max(cost, 1)

  if used + asked > limit then
    local must_leave = math.min(used + asked - limit, used)
    if must_leave <= 0 then
      return length
    end
    local last = redis.call('ZRANGE', window, must_leave - 1, must_leave - 1, 'WITHSCORES')
    return math.max(tonumber(last[2]) + length - now, 1)
  end

  for unit = 1, cost do
    redis.call('ZADD', window, now, name .. ':' .. unit)
  end
  if cost > 0 then
    redis.call('PEXPIRE', window, length)
  end
  return 0
end

local waits = {}
for i, window in ipairs(KEYS) do
  local first = (i - 1) * 5
  local now, length, limit, cost = unpack(ARGV, first + 1, first + 4)
  local name = ARGV[first + 5]
  local ok, wait = pcall(take, window, tonumber(now), tonumber(length), tonumber(limit), tonumber(cost), name)
  waits[i] = ok and wait or -1
end
return waits
"""

_Use = tuple[str, Sequence[str | int]]
"""A window, and the script's arguments for it."""


class RedisRateLimiter(RateLimiter):
    """Exact sliding windows, counted in one script. Refused uses are not counted, so patience is always rewarded.
    Uses that come together are one question.

    A key belongs to one limit: callers name the rule in it (`login:address:...`). Keys are stored as digests.
    Without Redis each process keeps equal limits by itself: a log-in does not depend on Redis being up, and nobody
    guesses passwords without bound while it is down.
    """

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        prefix: str = "limit:",
        on_fallback: Callable[[], None] = lambda: None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        """`on_fallback` is told of every use that this process had to count alone."""
        self._clock = clock
        self._redis = redis
        self._prefix = prefix
        self._on_fallback = on_fallback
        self._pause_seconds = pause_seconds
        self._script = redis.register_script(_SLIDING_WINDOWS)
        self._batcher: Batcher[_Use, int | None] = Batcher(self._waits, _LARGEST_GROUP)
        self._local = LocalBuckets()
        self._try_again_at = -math.inf
        self._warn_again_at = -math.inf

    async def hit(self, key: str, limit: int, window_seconds: int, cost: int = 1) -> None:
        await self._take(key, limit, window_seconds, cost)

    async def check(self, key: str, limit: int, window_seconds: int) -> None:
        await self._take(key, limit, window_seconds, 0)

    async def forgive(self, key: str) -> None:
        name = self._name(key)
        self._local.forgive(name)
        await self._ask(lambda: self._redis.delete(name))

    async def _take(self, key: str, limit: int, window_seconds: int, cost: int) -> None:
        name = self._name(key)
        now = self._clock.now().timestamp()
        arguments: list[str | int] = [int(now * 1000), window_seconds * 1000, limit, cost, secrets.token_urlsafe(8)]
        # While Redis is away nobody queues for what one caller is finding out for all.
        paused = asyncio.get_running_loop().time() < self._try_again_at
        wait = None if paused else await self._batcher.submit((name, arguments))
        if wait is None:
            self._on_fallback()
            self._local.take(name, limit, window_seconds, cost, now)
        elif wait > 0:
            raise RateLimited(math.ceil(wait / 1000))

    async def _waits(self, uses: Sequence[_Use]) -> Sequence[int | None]:
        """Milliseconds, 0 when there was room; None when Redis did not say."""
        names = [name for name, _ in uses]
        arguments = [argument for _, each in uses for argument in each]
        waits = await self._ask(lambda: self._script(keys=names, args=arguments)) or [-1] * len(uses)
        return [wait if wait >= 0 else None for wait in waits]

    def _name(self, key: str) -> str:
        # Keys carry addresses and account names; a digest keeps them out of the store and bounds their length.
        return self._prefix + hashlib.blake2b(key.encode(), digest_size=16).hexdigest()

    async def _ask(self, question: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """Redis' answer, or None when there is none in time."""
        loop_time = asyncio.get_running_loop().time
        if loop_time() < self._try_again_at:
            return None
        if self._try_again_at > -math.inf:
            self._try_again_at = loop_time() + self._pause_seconds  # this caller tries for all
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._try_again_at = loop_time() + self._pause_seconds
            if loop_time() >= self._warn_again_at:
                self._warn_again_at = loop_time() + SECONDS_BETWEEN_WARNINGS
                log.warning("rate limits are kept by this process alone: redis failed (%s)", type(error).__name__)
            return None
        if self._try_again_at > -math.inf:
            self._try_again_at = -math.inf
            self._local.clear()
        return answer
