"""Live connections in Redis: one hash per app process, and the time of each process's last heartbeat."""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis

from domain.presence.model import Connection
from integrations.redis.failures import redis_failures

DEAD_AFTER_SECONDS = 12
_EXPIRE_SECONDS = 120
"""A hash that no process sweeps (all have died) expires."""

# KEYS: processes, online; ARGV[1]: prefix of the hashes. The field "_" distinguishes an empty hash from a missing one.
_HEAD = """
local clock = redis.call('TIME')
local now = tonumber(clock[1])
local prefix = ARGV[1]
"""
_HEARTBEAT = (
    _HEAD
    + """
local part = prefix .. ARGV[2]
if redis.call('HEXISTS', part, '_') == 0 then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('EXPIRE', part, ARGV[3])
return 1
"""
)
_WRITE = (
    _HEAD
    + """
local part = prefix .. ARGV[2]
if ARGV[4] == '1' then redis.call('DEL', part)
elseif redis.call('HEXISTS', part, '_') == 0 then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[5])
redis.call('HSET', part, '_', '')
local removed = tonumber(ARGV[6])
for i = 7, 6 + removed do redis.call('HDEL', part, ARGV[i]) end
for i = 7 + removed, #ARGV, 2 do redis.call('HSET', part, ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', part, ARGV[3])
return 1
"""
)
_WITHDRAW = (
    _HEAD
    + """
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('DEL', prefix .. ARGV[2])
"""
)
_ALL = (
    _HEAD
    + """
local found = {}
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[2], '+inf')) do
  for _, value in ipairs(redis.call('HVALS', prefix .. worker)) do
    if value ~= '' then found[#found + 1] = value end
  end
end
return found
"""
)
_FIND = (
    _HEAD
    + """
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[2], '+inf')) do
  local value = redis.call('HGET', prefix .. worker, ARGV[3])
  if value then return value end
end
return false
"""
)
_COUNT = (
    _HEAD
    + """
local total = 0
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[2], '+inf')) do
  total = total + tonumber(redis.call('HGET', KEYS[2], worker) or 0)
end
return total
"""
)
_SWEEP = (
    _HEAD
    + """
local found = {}
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], 0, now - ARGV[2] - 1)) do
  for _, value in ipairs(redis.call('HVALS', prefix .. worker)) do
    if value ~= '' then found[#found + 1] = value end
  end
  redis.call('DEL', prefix .. worker)
  redis.call('ZREM', KEYS[1], worker)
  redis.call('HDEL', KEYS[2], worker)
end
return found
"""
)


class RedisPresenceStore:
    """All times are those of Redis, so that the clocks of the processes need not agree."""

    def __init__(self, redis: Redis, dead_after_seconds: int = DEAD_AFTER_SECONDS) -> None:
        self._dead_after = dead_after_seconds
        self._keys = ["{presence}:workers", "{presence}:online"]
        self._prefix = "{presence}:of:"
        self._scripts = {
            name: redis.register_script(text)
            for name, text in (
                ("heartbeat", _HEARTBEAT),
                ("write", _WRITE),
                ("withdraw", _WITHDRAW),
                ("all", _ALL),
                ("find", _FIND),
                ("count", _COUNT),
                ("sweep", _SWEEP),
            )
        }

    async def beat(self, process_id: str) -> bool:
        return bool(await self._run("heartbeat", process_id, _EXPIRE_SECONDS))

    async def replace(self, process_id: str, connections: Sequence[Connection], online: int) -> None:
        await self._write(process_id, connections, (), online, anew=True)

    async def write(self, process_id: str, put: Sequence[Connection], removed: Sequence[str], online: int) -> bool:
        return await self._write(process_id, put, removed, online, anew=False)

    async def _write(
        self, process_id: str, put: Sequence[Connection], removed: Sequence[str], online: int, anew: bool
    ) -> bool:
        pairs = [part for entry in put for part in (entry.id, entry.model_dump_json(by_alias=True))]
        known = await self._run("write", process_id, _EXPIRE_SECONDS, int(anew), online, len(removed), *removed, *pairs)
        return bool(known)

    async def withdraw(self, process_id: str) -> None:
        await self._run("withdraw", process_id)

    async def all(self) -> Sequence[Connection]:
        return [Connection.model_validate_json(value) for value in await self._run("all", self._dead_after)]

    async def find(self, connection_id: str) -> Connection | None:
        value = await self._run("find", self._dead_after, connection_id)
        return Connection.model_validate_json(value) if value else None

    async def count(self) -> int:
        return int(await self._run("count", self._dead_after))

    async def sweep(self) -> Sequence[Connection]:
        return [Connection.model_validate_json(value) for value in await self._run("sweep", self._dead_after)]

    async def _run(self, script: str, *args: str | int) -> Any:
        with redis_failures():
            return await self._scripts[script](keys=self._keys, args=[self._prefix, *args])
