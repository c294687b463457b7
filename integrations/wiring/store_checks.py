"""Readiness checks of the stores: they write, because a store that is full may still answer a ping."""

from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.single_flight import RecentResult
from integrations.mongo.failures import store_failures
from integrations.mongo.write_gate import WriteGate
from integrations.redis.failures import redis_failures

PROBES: Final = "probes"
"""The collection of what the checks write: one document an app process."""
WRITE_EVERY_SECONDS: Final = 1.0
"""The readiness is public: a flood of requests must not become a flood of writes."""
_KEPT_MILLISECONDS: Final = 60_000


class StoreChecks:
    """`process`: the name of the app process. Both checks raise Unavailable, or StorageFull."""

    def __init__(
        self, database: "AsyncIOMotorDatabase[dict[str, Any]]", gate: WriteGate, redis: Redis, process: str
    ) -> None:
        self._database = database
        self._gate = gate
        self._redis = redis
        self._process = process
        self._mongodb_write = RecentResult(self._write_mongodb, WRITE_EVERY_SECONDS)
        self._redis_write = RecentResult(self._write_redis, WRITE_EVERY_SECONDS)

    async def mongodb(self) -> None:
        with self._gate.writing():
            with store_failures():
                await self._database.command("ping")
            await self._mongodb_write.get()

    async def redis(self) -> None:
        with redis_failures():
            await self._redis.ping()
        await self._redis_write.get()

    async def _write_mongodb(self) -> None:
        with store_failures():
            change = {"$inc": {"count": 1}}
            await self._database[PROBES].update_one({"_id": f"app-{self._process}"}, change, upsert=True)

    async def _write_redis(self) -> None:
        with redis_failures():
            await self._redis.set(f"probe:app:{self._process}", 1, px=_KEPT_MILLISECONDS)
