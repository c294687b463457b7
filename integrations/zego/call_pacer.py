"""Paces calls to ZEGO, which limits each action per app: all app processes share one key in Redis."""

import asyncio
import math
from typing import Final

from redis.asyncio import Redis

from integrations.redis.failures import redis_failures
from integrations.zego.codes import Action, CallQueueFull

MARGIN: Final = 1.25
"""Calls that are sent in time may arrive closer together than they were sent."""
MAX_WAIT_SECONDS: Final = 5.0

# KEYS[1]: the instant (ms) from which the next call may be sent. ARGV[1]: the interval between calls.
# Returns 0 when the call may be sent now, which reserves the interval; else the milliseconds to wait.
_RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local wait = tonumber(redis.call('GET', KEYS[1]) or '0') - now
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', now + ARGV[1]), 'PX', ARGV[1])
return 0
"""


class CallPacer:
    """A caller gets its permission from Redis at the moment of sending, so that slow callers cannot send in bursts."""

    def __init__(self, redis: Redis, app_id: int, max_wait_seconds: float = MAX_WAIT_SECONDS) -> None:
        self._reserve = redis.register_script(_RESERVE)
        self._prefix = f"zego:{app_id}:pace:"
        self._max_wait = max_wait_seconds

    async def wait(self, action: Action) -> None:
        """Returns when the call may be sent. Raises CallQueueFull when that takes too long; Unavailable."""
        interval = int(1000 / action.per_second * MARGIN)
        deadline = asyncio.get_running_loop().time() + self._max_wait
        while wait_ms := await self._try_reserve(action, interval):
            if asyncio.get_running_loop().time() + wait_ms / 1000 > deadline:
                raise CallQueueFull(math.ceil(wait_ms / 1000))
            await asyncio.sleep(wait_ms / 1000)

    async def _try_reserve(self, action: Action, interval: int) -> int:
        with redis_failures():
            return int(await self._reserve(keys=[self._prefix + action.name], args=[interval]))
