"""The heartbeats of app processes, by the clock of Redis: a process whose heartbeat is overdue is lost."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis

from domain.interviews.ports import AppProcessRegistry, LostProcess
from integrations.redis.failures import redis_failures

DEAD_AFTER_SECONDS: Final = 8
_KEYS: Final = ["interview:workers", "interview:workers:lost"]

_HEARTBEAT = """
local clock = redis.call('TIME')
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], clock[1] * 1000 + math.floor(clock[2] / 1000), ARGV[1])
return known and 1 or 0
"""
# Lost processes stay listed until `forget_lost`: the process that handles the loss may die, too.
_LOST = """
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
        self._dead_after_ms = int(dead_after_seconds * 1000)
        self._server_run_id = ""
        """Changes when the server restarts, which may have lost its last second of writes."""
        self._heartbeat = redis.register_script(_HEARTBEAT)
        self._lost = redis.register_script(_LOST)
        self._withdraw = redis.register_script(_WITHDRAW)

    async def heartbeat(self, process: str) -> bool:
        with redis_failures():
            known = bool(await self._heartbeat(keys=_KEYS, args=[process]))
            run_id = str((await self._redis.info("server"))["run_id"])
        same_server, self._server_run_id = run_id == self._server_run_id, run_id
        return known and same_server

    async def lost(self) -> Sequence[LostProcess]:
        with redis_failures():
            found = await self._lost(keys=_KEYS, args=[self._dead_after_ms])
        pairs = zip(found[::2], found[1::2], strict=True)
        # Half of the silence: enough for clocks that differ, and before anything the process does after a recovery.
        return [
            LostProcess(
                process=process.decode(),
                until=datetime.fromtimestamp((float(last_beat) + self._dead_after_ms / 2) / 1000, UTC),
            )
            for process, last_beat in pairs
        ]

    async def forget_lost(self, process: str) -> None:
        with redis_failures():
            await self._redis.zrem(_KEYS[1], process)

    async def withdraw(self, process: str) -> None:
        with redis_failures():
            await self._withdraw(keys=_KEYS, args=[process])
