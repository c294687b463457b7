"""When the next call of an action may leave: ZEGO counts per app, so all workers ask one key in Redis."""

import asyncio
import math
from typing import Final

from redis.asyncio import Redis

from integrations.redis.failures import redis_failures
from integrations.zego.codes import Action, CallQueueFull

MARGIN: Final = 1.25
"""Calls that leave in time may still arrive closer together than they left."""
LONGEST_WAIT_SECONDS: Final = 5.0

# KEYS[1]: the instant (ms) from which the next call may leave. ARGV: the distance between calls.
# Answers 0 when it may leave now, and then nobody else may for the distance; else how long to wait before asking again.
_LEAVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local wait = tonumber(redis.call('GET', KEYS[1]) or '0') - now
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', now + ARGV[1]), 'PX', ARGV[1])
return 0
"""


class CallPacer:
    """Whoever may leave has it from Redis in that moment, so that a slow caller does not catch up with a quick one."""

    def __init__(self, redis: Redis, app_id: int, longest_wait_seconds: float = LONGEST_WAIT_SECONDS) -> None:
        self._leave = redis.register_script(_LEAVE)
        self._prefix = f"zego:{app_id}:pace:"
        self._longest_wait = longest_wait_seconds

    async def turn(self, action: Action) -> None:
        """Returns when the call may leave. Raises CallQueueFull when its turn did not come in time; Unavailable."""
        distance = int(1000 / action.per_second * MARGIN)
        deadline = asyncio.get_running_loop().time() + self._longest_wait
        while wait := await self._ask(action, distance):
            if asyncio.get_running_loop().time() + wait / 1000 > deadline:
                raise CallQueueFull(math.ceil(wait / 1000))
            await asyncio.sleep(wait / 1000)

    async def _ask(self, action: Action, distance: int) -> int:
        with redis_failures():
            return int(await self._leave(keys=[self._prefix + action.name], args=[distance]))
