"""Counters of the writers of the statistics, before they are in their documents."""

import json
from collections.abc import Mapping, Sequence

from redis.asyncio import Redis

from domain.statistics.counters import Counters
from domain.statistics.ports import LiveCounters
from integrations.redis.failures import redis_failures

_PREFIX = "statistics:live:"
_KEPT_SECONDS = 60
"""Much longer than until the counters are stored, or until a dead writer is recounted."""


class RedisLiveCounters(LiveCounters):
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, counters: Mapping[str, Counters]) -> None:
        if not counters:
            return
        with redis_failures():
            async with self._redis.pipeline(transaction=False) as commands:
                for key, counted in counters.items():
                    commands.set(_PREFIX + key, json.dumps(counted), ex=_KEPT_SECONDS)
                await commands.execute()

    async def newest(self, ids: Sequence[str]) -> Mapping[str, Counters]:
        if not ids:
            return {}
        with redis_failures():
            found = await self._redis.mget([_PREFIX + key for key in ids])
        return {key: Counters(json.loads(counted)) for key, counted in zip(ids, found, strict=True) if counted}
