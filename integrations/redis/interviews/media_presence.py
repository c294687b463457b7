"""Users in the media rooms, computed in Redis from reports that arrive late, twice and out of order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis

from domain.interviews.media.ports import MediaPresence
from domain.interviews.media.reports import MediaReport
from integrations.redis.failures import redis_failures

KEPT_SECONDS: Final = 86_400

_APPLY: Final = """
-- KEYS[1] a hash: `incarnation`, `opened`, `closed`, `in:<user>` = <login>|<ms>, `over:<user>:<login>`.
-- ARGV: kind, incarnation, user, login, instant (ms), seconds to keep, 1 to apply the report or 0 only to judge it.
-- Returns 1 when the report is news.
local kind, incarnation, user, login, at = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

-- Incarnations have more digits than a Lua number can hold exactly.
local function later(one, other)
  if #one ~= #other then return #one > #other end
  return one > other
end

local known = redis.call('HGET', KEYS[1], 'incarnation')
if known and later(known, incarnation) then return 0 end
local anew = not known or later(incarnation, known)
local function have(field)
  if anew then return false end
  return redis.call('HGET', KEYS[1], field)
end

local over = 'over:' .. user .. ':' .. login
local present = have('in:' .. user)
local present_login, present_at
if present then
  present_login, present_at = string.match(present, '^(.*)|(%d+)$')
end

local news = not have('closed')
if kind == 'roomOpened' then
  news = news and not have('opened')
elseif kind == 'left' then
  news = news and present_login == login
elseif kind == 'entered' then
  local earlier = present and tonumber(present_at) > at
  news = news and not have(over) and present_login ~= login and not earlier
end
if ARGV[7] == '0' then return news and 1 or 0 end

if anew then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'incarnation', incarnation)
end
if kind == 'left' then redis.call('HSET', KEYS[1], over, 1) end
if news then
  if kind == 'roomOpened' then redis.call('HSET', KEYS[1], 'opened', 1) end
  if kind == 'roomClosed' then redis.call('HSET', KEYS[1], 'closed', 1) end
  if kind == 'left' then redis.call('HDEL', KEYS[1], 'in:' .. user) end
  if kind == 'entered' then
    redis.call('HSET', KEYS[1], 'in:' .. user, login .. '|' .. string.format('%.0f', at))
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[6])
return news and 1 or 0
"""


_RECONCILE: Final = """
-- KEYS[1] as above. ARGV: when the server was asked (ms), seconds to keep, and all users who were present.
local there = {}
for i = 3, #ARGV do there[ARGV[i]] = true end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 3) == 'in:' then
    local user = string.sub(field, 4)
    local at = string.match(redis.call('HGET', KEYS[1], field), '|(%d+)$')
    if there[user] then
      there[user] = nil
    elseif tonumber(at) < tonumber(ARGV[1]) then
      redis.call('HDEL', KEYS[1], field)
    end
  end
end
for user in pairs(there) do redis.call('HSET', KEYS[1], 'in:' .. user, '|' .. ARGV[1]) end
return redis.call('EXPIRE', KEYS[1], ARGV[2])
"""


class RedisMediaPresence(MediaPresence):
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._apply = redis.register_script(_APPLY)
        self._reconcile = redis.register_script(_RECONCILE)

    async def is_news(self, report: MediaReport) -> bool:
        return await self._run(report, 0)

    async def apply(self, report: MediaReport) -> bool:
        return await self._run(report, 1)

    async def _run(self, report: MediaReport, apply: int) -> bool:
        at = int(report.at.timestamp() * 1000)
        arguments: list[str | int] = [report.kind, report.incarnation, report.user_id, report.login, at]
        with redis_failures():
            return bool(await self._apply(keys=[_key(report.room_id)], args=[*arguments, KEPT_SECONDS, apply]))

    async def users(self, room_id: str) -> frozenset[str]:
        with redis_failures():
            fields: Any = await self._redis.hgetall(_key(room_id))
        if b"closed" in fields:
            return frozenset()
        return frozenset(name.decode()[3:] for name in fields if name.startswith(b"in:"))

    async def reconcile(self, room_id: str, users: Sequence[str], asked_at: datetime) -> None:
        arguments: list[str | int] = [int(asked_at.timestamp() * 1000), KEPT_SECONDS, *users]
        with redis_failures():
            await self._reconcile(keys=[_key(room_id)], args=arguments)


def _key(room_id: str) -> str:
    return f"iv:media:{{{room_id}}}"
