"""Maintenance of the statistics: recounts dead writers, and sums finished counters. One app process at a time."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock
from domain.statistics.counters import Counters, sum_counters
from integrations.mongo.failures import store_failures
from integrations.mongo.statistics.login_rows import RESULTS
from integrations.mongo.statistics.store import (
    COUNTERS,
    LOGIN_LOG,
    SUMS,
    TOTAL,
    Document,
    WriterRegistry,
    counters_id,
    decode_counters,
    encode_counters,
    ids_of,
)

log = logging.getLogger("error.statistics")

EVERY_SECONDS = 5.0
LEASE_SECONDS = 10.0


class StatisticsMaintenance:
    """Keeps reading cheap and exact: the number of counters to read does not grow with the number of past writers."""

    def __init__(
        self,
        database: "AsyncIOMotorDatabase[Document]",
        writers: WriterRegistry,
        clock: Clock,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._rows, self._counters, self._sums = database[LOGIN_LOG], database[COUNTERS], database[SUMS]
        self._writers = writers
        self._clock = clock
        self._changed = changed

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("statistics", Every(EVERY_SECONDS), self.run_once, lease_seconds=LEASE_SECONDS),)

    async def run_once(self) -> None:
        """One round. If it is interrupted, the next round completes it. Raises Unavailable."""
        await self._writers.declare_dead(self._clock.now())
        suspects = await self._writers.suspects()
        touched: set[str] = set()
        for writer in suspects:
            touched |= await self._recount(writer)
        finished = await self._writers.finished()
        with store_failures():
            unsummed = [each async for each in self._counters.find({"merged": False}, {"writer": 1, "day": 1})]
        ready = {each["_id"]: str(each["day"]) for each in unsummed if each["writer"] in finished | set(suspects)}
        if ready or touched:
            await self._update_sums(ready, touched | set(ready.values()))
        await self._writers.remove(finished, suspects)
        if touched:
            self._changed()

    async def _recount(self, writer: str) -> set[str]:
        """Replaces the counters of a writer by counts of its rows; returns their days."""
        days: dict[str, Counters] = {}
        known = await self._writers.days_of(writer)
        # The index of the retention serves these: one on the writer would cost every login.
        queries: list[Document] = (
            [{}] if known is None else [{"result": result, "day": day} for day in known for result in RESULTS]
        )
        with store_failures():
            for query in queries:
                async for row in self._rows.find({**query, "writer": writer}, {"day": 1, "effects": 1}):
                    days.setdefault(row["day"], Counters()).add(Counters.from_grouped(row["effects"]))
            for day, counted in days.items():
                # `merged` stays as it is: `_update_sums` replaces this writer's part of the sums.
                change = {"day": day, "writer": writer, "final": True, "figures": encode_counters(counted)}
                await self._counters.update_one(
                    {"_id": counters_id(day, writer)}, {"$set": change, "$setOnInsert": {"merged": False}}, upsert=True
                )
        return set(days)

    async def _update_sums(self, ready: dict[str, str], days: Iterable[str]) -> None:
        for day in sorted(days):
            with store_failures():
                known = [each async for each in self._counters.find(ids_of(day))]
            summed = [each for each in known if each["merged"] or each["_id"] in ready]
            await self._store_sum(day, summed, [key for key, its in ready.items() if its == day])
        with store_failures():
            closed = [each async for each in self._sums.find({"_id": {"$lt": TOTAL}})]
        await self._store_sum(TOTAL, closed, list(ready))
        with store_failures():
            for key in ready:
                await self._counters.update_one({"_id": key}, {"$set": {"merged": True, "final": True}})

    async def _store_sum(self, key: str, parts: list[Any], includes: list[str]) -> None:
        figures = encode_counters(sum_counters(decode_counters(each["figures"]) for each in parts))
        with store_failures():
            change = {"day": key, "figures": figures, "includes": includes}
            await self._sums.update_one({"_id": key}, {"$set": change}, upsert=True)
