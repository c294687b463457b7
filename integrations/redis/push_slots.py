"""Slots for publishing the live statistics, shared by all app processes."""

from redis.asyncio import Redis

from domain.statistics.ports import PushSlot, PushSlots
from integrations.redis.failures import redis_failures

MILLISECONDS = 50
"""The length of a slot: twenty per second."""

# A negative answer is the time until the next slot, in milliseconds.
# Versions follow the clock of Redis, so that they increase even when Redis has lost the last one.
_TAKE = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
  return -math.max(redis.call('PTTL', KEYS[1]), 1)
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local version = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
redis.call('SET', KEYS[2], string.format('%.0f', version))
return version
"""
# Without a last version, the version of the next slot will not be lower than this instant.
_LATEST = """
local version = redis.call('GET', KEYS[1])
if version then return version end
local clock = redis.call('TIME')
return string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
"""


class RedisPushSlots(PushSlots):
    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._latest = redis.register_script(_LATEST)

    async def take(self) -> PushSlot:
        with redis_failures():
            answer = int(await self._take(keys=_KEYS, args=[MILLISECONDS]))
        return PushSlot(answer) if answer > 0 else PushSlot(None, -answer / 1000)

    async def latest(self) -> int:
        with redis_failures():
            return int(await self._latest(keys=_KEYS[1:]))


_KEYS = ["{statistics}:turn", "{statistics}:version"]
