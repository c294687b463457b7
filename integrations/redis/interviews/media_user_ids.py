"""Media user ids in Redis: a hash for each room, from media user id to participant id."""

import re
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis

from domain.interviews.media.ports import MediaUserIds
from integrations.redis.failures import redis_failures

KEPT_SECONDS: Final = 86_400
_PARTICIPANT_ID: Final = re.compile(r"p[0-9a-f]{20}", re.ASCII)
"""A participant id can be claimed by its own participant only."""
MAX_IDS: Final = 200
"""For one room: limits what an abusive client can store."""

_CLAIM: Final = """
local owner = redis.call('HGET', KEYS[1], ARGV[1])
if not owner then
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return (not owner or owner == ARGV[2]) and 1 or 0
"""


class RedisMediaUserIds(MediaUserIds):
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._claim = redis.register_script(_CLAIM)

    async def claim(self, room_id: str, media_user_id: str, participant_id: str) -> bool:
        if _PARTICIPANT_ID.fullmatch(media_user_id) and media_user_id != participant_id:
            return False
        arguments: list[str | int] = [media_user_id, participant_id, KEPT_SECONDS, MAX_IDS]
        with redis_failures():
            return bool(await self._claim(keys=[_key(room_id)], args=arguments))

    async def has_users(self, room_id: str) -> bool:
        with redis_failures():
            return bool(await self._redis.exists(_key(room_id)))

    async def of_participant(self, room_id: str, participant_id: str) -> Sequence[str]:
        with redis_failures():
            owners: Any = await self._redis.hgetall(_key(room_id))
        claimed = [name.decode() for name, owner in owners.items() if owner.decode() == participant_id]
        return [participant_id, *sorted(name for name in claimed if name != participant_id)]

    async def owner_of(self, room_id: str, media_user_id: str) -> str:
        with redis_failures():
            owner: Any = await self._redis.hget(_key(room_id), media_user_id)
        return owner.decode() if owner else media_user_id


def _key(room_id: str) -> str:
    return f"iv:media:{{{room_id}}}:ids"
