"""Who is in the media rooms, as its reports tell: late, twice and out of order."""

from typing import Any, Final

from redis.asyncio import Redis

from domain.interviews.media import MediaPresence, MediaReport
from integrations.redis.failures import redis_failures

KEPT_SECONDS: Final = 86_400

_TAKE: Final = """
-- KEYS[1] a hash: `incarnation`, `closed`, `in:<user>` = <login>|<ms>, `over:<login>`.
-- ARGV: kind, incarnation, user, login, instant (ms), seconds to keep. Answers 1 when the report is news.
local kind, incarnation, user, login, at = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

-- Incarnations have more digits than a Lua number can hold exactly.
local function later(one, other)
  if #one ~= #other then return #one > #other end
  return one > other
end

local known = redis.call('HGET', KEYS[1], 'incarnation')
if known and later(known, incarnation) then return 0 end
if not known or later(incarnation, known) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'incarnation', incarnation)
elseif redis.call('HEXISTS', KEYS[1], 'closed') == 1 then
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[6])

if kind == 'roomClosed' then
  redis.call('HSET', KEYS[1], 'closed', 1)
  return 1
end
if kind == 'roomOpened' then
  return redis.call('HSETNX', KEYS[1], 'opened', 1)
end

local present = redis.call('HGET', KEYS[1], 'in:' .. user)
local present_login, present_at
if present then
  present_login, present_at = string.match(present, '^(.*)|(%d+)$')
end
local over = 'over:' .. user .. ':' .. login
if kind == 'left' then
  if redis.call('HSETNX', KEYS[1], over, 1) == 0 then return 0 end
  if not present or present_login ~= login then return 0 end
  redis.call('HDEL', KEYS[1], 'in:' .. user)
  return 1
end
if redis.call('HEXISTS', KEYS[1], over) == 1 or present_login == login then return 0 end
if present and tonumber(present_at) > at then return 0 end
redis.call('HSET', KEYS[1], 'in:' .. user, login .. '|' .. string.format('%.0f', at))
return 1
"""


class RedisMediaPresence(MediaPresence):
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)

    async def take(self, report: MediaReport) -> bool:
        at = int(report.at.timestamp() * 1000)
        arguments: list[str | int] = [report.kind, report.incarnation, report.user_id, report.login, at, KEPT_SECONDS]
        with redis_failures():
            return bool(await self._take(keys=[_key(report.room_id)], args=arguments))

    async def users(self, room_id: str) -> frozenset[str]:
        with redis_failures():
            fields: Any = await self._redis.hgetall(_key(room_id))
        if b"closed" in fields:
            return frozenset()
        return frozenset(name.decode()[3:] for name in fields if name.startswith(b"in:"))


def _key(room_id: str) -> str:
    return f"iv:media:{{{room_id}}}"
