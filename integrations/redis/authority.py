"""A cache of the bearers of staff sessions in Redis, shared by all app processes."""

from collections.abc import Sequence

from redis.asyncio import Redis

from domain.staff.model import SessionBearer
from integrations.batcher import Batcher
from integrations.redis.failures import redis_failures

CACHE_SECONDS = 30

_MAX_BATCH = 100
_PUT = """
if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('EXPIRE', KEYS[1], ARGV[4])
"""
# The generation outlives the cached values, so that no reader can store a value of an older one.
_FORGET = "redis.call('DEL', KEYS[1]) redis.call('INCR', KEYS[2]) return redis.call('EXPIRE', KEYS[2], ARGV[1])"


_Cached = tuple[SessionBearer | None, int]


class RedisAuthorityCache:
    """`put` stores a value only if `forget` was not called since the `get` that returned its generation."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._reads: Batcher[tuple[str, str], _Cached] = Batcher(self._read_all, _MAX_BATCH)
        self._put = redis.register_script(_PUT)
        self._forget = redis.register_script(_FORGET)

    async def get(self, staff_id: str, session_id: str) -> tuple[SessionBearer | None, int]:
        return await self._reads.submit((staff_id, session_id))

    async def _read_all(self, asked: Sequence[tuple[str, str]]) -> Sequence[_Cached]:
        """In batches: a changed role is read again for each of its connections at once."""
        pipeline = self._redis.pipeline(transaction=False)
        for staff_id, session_id in asked:
            bearers, generation = _keys(staff_id)
            # The generation first: a `forget` between the two makes a later `put` of this reader void.
            pipeline.get(generation)
            pipeline.hget(bearers, session_id)
        with redis_failures():
            answers = await pipeline.execute()
        return [
            (SessionBearer.model_validate_json(stored) if stored else None, int(generation or 0))
            for generation, stored in zip(answers[::2], answers[1::2], strict=True)
        ]

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
