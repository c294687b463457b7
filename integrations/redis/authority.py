"""A cache of the bearers of staff sessions in Redis, shared by all app processes."""

from redis.asyncio import Redis

from domain.staff.model import SessionBearer
from integrations.redis.failures import redis_failures

CACHE_SECONDS = 30

_GET = "return {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('GET', KEYS[2])}"
_PUT = """
if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('EXPIRE', KEYS[1], ARGV[4])
"""
# The generation outlives the cached values, so that no reader can store a value of an older one.
_FORGET = "redis.call('DEL', KEYS[1]) redis.call('INCR', KEYS[2]) return redis.call('EXPIRE', KEYS[2], ARGV[1])"


class RedisAuthorityCache:
    """`put` stores a value only if `forget` was not called since the `get` that returned its generation."""

    def __init__(self, redis: Redis) -> None:
        self._get = redis.register_script(_GET)
        self._put = redis.register_script(_PUT)
        self._forget = redis.register_script(_FORGET)

    async def get(self, staff_id: str, session_id: str) -> tuple[SessionBearer | None, int]:
        with redis_failures():
            stored, generation = await self._get(keys=_keys(staff_id), args=[session_id])
        return (SessionBearer.model_validate_json(stored) if stored else None), int(generation or 0)

    async def put(self, bearer: SessionBearer, generation: int) -> None:
        with redis_failures():
            await self._put(
                keys=_keys(bearer.id),
                args=[bearer.session_id, bearer.model_dump_json(by_alias=True), generation, CACHE_SECONDS],
            )

    async def forget(self, staff_id: str) -> None:
        with redis_failures():
            await self._forget(keys=_keys(staff_id), args=[CACHE_SECONDS * 2])


def _keys(staff_id: str) -> list[str]:
    return [f"bearer:{{{staff_id}}}", f"bearer:{{{staff_id}}}:generation"]
