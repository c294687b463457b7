"""When the next call of an action may leave: ZEGO counts per app, so all workers share one calendar in Redis."""

import asyncio
import math
from typing import Final

from redis.asyncio import Redis

from integrations.redis.failures import redis_failures
from integrations.zego.codes import Action, TooBusy

MARGIN: Final = 1.1
"""Calls that leave in time may still arrive closer together than they left."""
LONGEST_WAIT_SECONDS: Final = 5.0

# KEYS[1]: the instant (ms) from which the next call may leave. ARGV: the distance between calls, the longest wait (ms).
# Answers the wait, and books the slot; a wait that is too long is answered negative, and nothing is booked.
_BOOK = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local free = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local wait = free - now
if wait > tonumber(ARGV[2]) then return -wait end
redis.call('SET', KEYS[1], string.format('%.0f', free + ARGV[1]), 'PX', wait + ARGV[1] + 1000)
return wait
"""


class Pace:
    """Calls of one action are spread evenly, in the order of booking; Redis's clock counts, not ours."""

    def __init__(self, redis: Redis, app_id: int, longest_wait_seconds: float = LONGEST_WAIT_SECONDS) -> None:
        self._book = redis.register_script(_BOOK)
        self._prefix = f"zego:{app_id}:pace:"
        self._longest_wait = longest_wait_seconds

    async def turn(self, action: Action) -> None:
        """Returns when the call may leave. Raises TooBusy at once when that would take too long; Unavailable."""
        distance = int(1000 / action.per_second * MARGIN)
        with redis_failures():
            wait = int(
                await self._book(keys=[self._prefix + action.name], args=[distance, int(self._longest_wait * 1000)])
            )
        if wait < 0:
            raise TooBusy(math.ceil(-wait / 1000))
        await asyncio.sleep(wait / 1000)
