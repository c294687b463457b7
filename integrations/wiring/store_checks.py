"""Readiness checks of the stores: they write, because a store that is full may still answer a ping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from integrations.mongo.failures import store_failures
from integrations.mongo.write_gate import WriteGate
from integrations.redis.failures import redis_failures

PROBES: Final = "probes"
"""The collection of what the checks write: one document an app process."""
WRITE_EVERY_SECONDS: Final = 1.0
"""The readiness is public: a flood of requests must not become a flood of writes."""
_KEPT_MILLISECONDS: Final = 60_000


class SharedWrite:
    """Runs `write` at most once in WRITE_EVERY_SECONDS; other callers share its outcome."""

    def __init__(self, write: Callable[[], Awaitable[None]]) -> None:
        self._write = write
        self._last: asyncio.Future[None] | None = None
        self._started_at = 0.0

    async def __call__(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._last is None or (self._last.done() and now - self._started_at >= WRITE_EVERY_SECONDS):
            self._last, self._started_at = asyncio.ensure_future(self._write()), now
            self._last.add_done_callback(_mark_retrieved)
        await asyncio.shield(self._last)


class StoreChecks:
    """`process`: the name of the app process. Both checks raise Unavailable, or StorageFull."""

    def __init__(
        self, database: "AsyncIOMotorDatabase[dict[str, Any]]", gate: WriteGate, redis: Redis, process: str
    ) -> None:
        self._database = database
        self._gate = gate
        self._redis = redis
        self._process = process
        self._mongodb_write, self._redis_write = SharedWrite(self._write_mongodb), SharedWrite(self._write_redis)

    async def mongodb(self) -> None:
        with self._gate.writing():
            with store_failures():
                await self._database.command("ping")
            await self._mongodb_write()

    async def redis(self) -> None:
        with redis_failures():
            await self._redis.ping()
        await self._redis_write()

    async def _write_mongodb(self) -> None:
        with store_failures():
            change = {"$inc": {"count": 1}}
            await self._database[PROBES].update_one({"_id": f"app-{self._process}"}, change, upsert=True)

    async def _write_redis(self) -> None:
        with redis_failures():
            await self._redis.set(f"probe:app:{self._process}", 1, px=_KEPT_MILLISECONDS)


def _mark_retrieved(done: "asyncio.Future[None]") -> None:
    if not done.cancelled():
        done.exception()  # asyncio would report a failure whose callers have all gone
