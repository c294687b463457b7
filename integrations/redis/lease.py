"""Work that only one worker at a time does."""

import secrets

from redis.asyncio import Redis

from integrations.redis.failures import redis_failures

_ACQUIRE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class RedisLease:
    """One object a worker: its holder is this process in this life, so that a successor has to wait."""

    def __init__(self, redis: Redis) -> None:
        self._holder = secrets.token_hex(8)
        self._acquire = redis.register_script(_ACQUIRE)

    async def acquire(self, name: str, seconds: float) -> bool:
        """Raises Unavailable."""
        with redis_failures():
            got = await self._acquire(keys=[f"lease:{name}"], args=[self._holder, int(seconds * 1000)])
        return bool(got)
