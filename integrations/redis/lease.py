"""Leases in Redis: work that one app process at a time does."""

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
    """One object per app process. A restarted process is a new holder and waits until the old lease expires."""

    def __init__(self, redis: Redis) -> None:
        self._holder = secrets.token_hex(8)
        self._acquire = redis.register_script(_ACQUIRE)

    async def acquire(self, name: str, seconds: float) -> bool:
        """True if this process holds the lease, which is then extended to `seconds`. Raises Unavailable."""
        with redis_failures():
            got = await self._acquire(keys=[f"lease:{name}"], args=[self._holder, int(seconds * 1000)])
        return bool(got)
