"""Rate limits that all app processes share, in Redis."""

import hashlib
import math
import secrets
from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from domain.shared.errors import RateLimited
from domain.shared.ports import Clock, RateLimiter
from integrations.batcher import Batcher
from integrations.redis.local_buckets import LocalBuckets
from integrations.redis.outage_guard import PAUSE_SECONDS, OutageGuard

_MAX_BATCH = 200
"""Uses in one script, which blocks Redis while it runs."""

_SLIDING_WINDOWS = """
-- Sliding windows, one per key: a sorted set of uses, scored by their instant in milliseconds.
-- KEYS: the windows. ARGV, five per key: now (ms), length (ms), limit, cost, a name for this use.
-- Returns for each key 0 if the use was counted, else the milliseconds until it can be; -1 for a key of another type,
-- which does not affect the others.
local function take(window, now, length, limit, cost, name)
  redis.call('ZREMRANGEBYSCORE', window, '-inf', now - length)
  local used = redis.call('ZCARD', window)

  if used + cost > limit then
    local must_leave = math.min(used + cost - limit, used)
    if must_leave <= 0 then
      return length
    end
    local last = redis.call('ZRANGE', window, must_leave - 1, must_leave - 1, 'WITHSCORES')
    return math.max(tonumber(last[2]) + length - now, 1)
  end

  for unit = 1, cost do
    redis.call('ZADD', window, now, name .. ':' .. unit)
  end
  redis.call('PEXPIRE', window, length)
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
"""A window, and its arguments of the script."""


class RedisRateLimiter(RateLimiter):
    """Exact sliding windows, counted by one script. Refused uses are not counted. Concurrent uses share a script call.

    A key belongs to one limit: callers include the rule in it (`login:address:...`). Keys are stored as digests.
    During an outage of Redis each process applies the same limits by itself.
    """

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        prefix: str = "limit:",
        on_fallback: Callable[[], None] = lambda: None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        """`on_fallback` is called for every use that this process counts by itself."""
        self._clock = clock
        self._prefix = prefix
        self._on_fallback = on_fallback
        self._script = redis.register_script(_SLIDING_WINDOWS)
        self._batcher: Batcher[_Use, int | None] = Batcher(self._waits, _MAX_BATCH)
        self._local = LocalBuckets()
        self._guard = OutageGuard(self._local.clear, pause_seconds)

    async def hit(self, key: str, limit: int, window_seconds: int, cost: int = 1) -> None:
        name = self._name(key)
        now = self._clock.now().timestamp()
        arguments: list[str | int] = [int(now * 1000), window_seconds * 1000, limit, cost, secrets.token_urlsafe(8)]
        # During an outage no caller waits for the one that tries Redis again.
        wait = None if self._guard.is_paused else await self._batcher.submit((name, arguments))
        if wait is None:
            self._on_fallback()
            self._local.take(name, limit, window_seconds, cost, now)
        elif wait > 0:
            raise RateLimited(math.ceil(wait / 1000))

    async def _waits(self, uses: Sequence[_Use]) -> Sequence[int | None]:
        """Milliseconds to wait, 0 if the use was counted; None without an answer of Redis."""
        names = [name for name, _ in uses]
        arguments = [argument for _, each in uses for argument in each]
        waits = await self._guard.call(lambda: self._script(keys=names, args=arguments)) or [-1] * len(uses)
        return [wait if wait >= 0 else None for wait in waits]

    def _name(self, key: str) -> str:
        # Keys contain addresses and account names: a digest keeps them out of the store and limits their length.
        return self._prefix + hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
