"""Setting right what dead writers left, and summing up what is finished. One worker at a time does it."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock
from domain.statistics.tally import Tally, sum_of
from integrations.mongo.failures import store_failures
from integrations.mongo.statistics.store import FIGURES, ROWS, SUMS, TOTAL, Document, Writers, packed, unpacked

log = logging.getLogger("error.statistics")

EVERY_SECONDS = 10.0
LEASE_SECONDS = 15.0


class StatisticsKeeper:
    def __init__(
        self,
        database: "AsyncIOMotorDatabase[Document]",
        writers: Writers,
        clock: Clock,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._rows, self._figures, self._sums = database[ROWS], database[FIGURES], database[SUMS]
        self._writers = writers
        self._clock = clock
        self._changed = changed

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("statistics", Every(EVERY_SECONDS), self.keep, lease_seconds=LEASE_SECONDS),)

    async def keep(self) -> None:
        """Interrupted anywhere, the next time completes it. Raises Unavailable."""
        await self._writers.bury(self._clock.now())
        suspects = await self._writers.suspects()
        touched: set[str] = set()
        for writer in suspects:
            touched |= await self._recount(writer)
        finished = await self._writers.finished()
        with store_failures():
            waiting = [each async for each in self._figures.find({"merged": False}, {"writer": 1, "day": 1})]
        ready = {each["_id"]: str(each["day"]) for each in waiting if each["writer"] in finished | set(suspects)}
        if ready or touched:
            await self._sum_up(ready, touched | set(ready.values()))
        await self._writers.forget(finished, suspects)
        if touched:
            self._changed()

    async def _recount(self, writer: str) -> set[str]:
        """Figures of a writer from its rows; the days that they are about."""
        days: dict[str, Tally] = {}
        with store_failures():
            async for row in self._rows.find({"writer": writer}, {"day": 1, "effects": 1}):
                days.setdefault(row["day"], Tally()).add(Tally.from_grouped(row["effects"]))
            for day, tally in days.items():
                # `merged` is left as it is: what the sums hold of it is replaced in `_sum_up`.
                change = {"day": day, "writer": writer, "final": True, "figures": packed(tally)}
                await self._figures.update_one(
                    {"_id": f"{day}:{writer}"}, {"$set": change, "$setOnInsert": {"merged": False}}, upsert=True
                )
        return set(days)

    async def _sum_up(self, ready: dict[str, str], days: Iterable[str]) -> None:
        for day in sorted(days):
            with store_failures():
                known = [each async for each in self._figures.find({"day": day})]
            summed = [each for each in known if each["merged"] or each["_id"] in ready]
            await self._put(day, summed, [key for key, its in ready.items() if its == day])
        with store_failures():
            closed = [each async for each in self._sums.find({"_id": {"$lt": TOTAL}})]
        await self._put(TOTAL, closed, list(ready))
        with store_failures():
            for key in ready:
                await self._figures.update_one({"_id": key}, {"$set": {"merged": True, "final": True}})

    async def _put(self, key: str, parts: list[Any], includes: list[str]) -> None:
        figures = packed(sum_of(unpacked(each["figures"]) for each in parts))
        with store_failures():
            change = {"day": key, "figures": figures, "includes": includes}
            await self._sums.update_one({"_id": key}, {"$set": change}, upsert=True)
