"""Polling deadlines in Redis: a sorted set of participants by deadline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis

from domain.interviews.polling.deadlines import PollingDeadlines
from integrations.redis.failures import redis_failures

_KEY: Final = "iv:pollers"
_REMOVE: Final = """
local until_ms = redis.call('ZSCORE', KEYS[1], ARGV[1])
if until_ms and tonumber(until_ms) <= tonumber(ARGV[2]) then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
"""


class RedisPollingDeadlines(PollingDeadlines):
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._remove = redis.register_script(_REMOVE)

    async def extend(self, room_id: str, participant_id: str, until: datetime) -> None:
        with redis_failures():
            await self._redis.zadd(_KEY, {_member(room_id, participant_id): _ms(until)}, gt=True)

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        with redis_failures():
            found: list[Any] = await self._redis.zrangebyscore(_KEY, "-inf", _ms(now), start=0, num=limit)
        pairs = (member.decode().partition(" ") for member in found)
        return [(room_id, participant_id) for room_id, _, participant_id in pairs]

    async def remove(self, room_id: str, participant_id: str, now: datetime) -> None:
        with redis_failures():
            await self._remove(keys=[_KEY], args=[_member(room_id, participant_id), _ms(now)])


def _member(room_id: str, participant_id: str) -> str:
    return f"{room_id} {participant_id}"


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
