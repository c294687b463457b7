"""Which workers are alive, by the clock of Redis: those that are silent for too long are given up."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis

from domain.interviews.ports import AppProcessRegistry, LostProcess
from integrations.redis.failures import redis_failures

DEAD_AFTER_SECONDS: Final = 8
_KEYS: Final = ["interview:workers", "interview:workers:lost"]

_BEAT = """
local clock = redis.call('TIME')
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], clock[1] * 1000 + math.floor(clock[2] / 1000), ARGV[1])
return known and 1 or 0
"""
# The lost ones stay until they are buried: whoever began with it may die, too.
_GIVEN_UP = """
local clock = redis.call('TIME')
local oldest = clock[1] * 1000 + math.floor(clock[2] / 1000) - ARGV[1]
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', oldest, 'WITHSCORES')
for i = 1, #dead, 2 do
  redis.call('ZADD', KEYS[2], dead[i + 1], dead[i])
  redis.call('ZREM', KEYS[1], dead[i])
end
return redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
"""
_WITHDRAW = """
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
"""


class RedisAppProcessRegistry(AppProcessRegistry):
    def __init__(self, redis: Redis, dead_after_seconds: float = DEAD_AFTER_SECONDS) -> None:
        self._redis = redis
        self._dead_after = int(dead_after_seconds * 1000)
        self._life = ""
        """Of the server: another one after a restart, which may have cost its last second."""
        self._beat = redis.register_script(_BEAT)
        self._given_up = redis.register_script(_GIVEN_UP)
        self._withdraw = redis.register_script(_WITHDRAW)

    async def beat(self, worker: str) -> bool:
        with redis_failures():
            known = bool(await self._beat(keys=_KEYS, args=[worker]))
            life = str((await self._redis.info("server"))["run_id"])
        same, self._life = life == self._life, life
        return known and same

    async def given_up(self) -> Sequence[LostProcess]:
        with redis_failures():
            found = await self._given_up(keys=_KEYS, args=[self._dead_after])
        pairs = zip(found[::2], found[1::2], strict=True)
        # Half of the silence: enough for clocks that differ, and before anything it does as one that came back.
        return [
            LostProcess(
                worker=worker.decode(),
                until=datetime.fromtimestamp((float(beaten_at) + self._dead_after / 2) / 1000, UTC),
            )
            for worker, beaten_at in pairs
        ]

    async def bury(self, worker: str) -> None:
        with redis_failures():
            await self._redis.zrem(_KEYS[1], worker)

    async def withdraw(self, worker: str) -> None:
        with redis_failures():
            await self._withdraw(keys=_KEYS, args=[worker])
