"""Turns to push the figures, shared by all workers."""

from redis.asyncio import Redis

from domain.statistics.ports import PushSlots
from integrations.redis.failures import redis_failures

MILLISECONDS = 100
"""From one turn to the next: ten a second."""

# Versions follow Redis's clock, so that they also grow when Redis has lost the last one.
_TAKE = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 0 end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local version = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
redis.call('SET', KEYS[2], string.format('%.0f', version))
return version
"""


class RedisPushSlots(PushSlots):
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)

    async def take(self) -> int | None:
        with redis_failures():
            version = await self._take(keys=_KEYS, args=[MILLISECONDS])
        return int(version) or None

    async def latest(self) -> int:
        with redis_failures():
            return int(await self._redis.get(_KEYS[1]) or 0)


_KEYS = ["{statistics}:turn", "{statistics}:version"]
