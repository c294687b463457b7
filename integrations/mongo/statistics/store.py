"""Where the figures are kept: one document a day and writer, sums of finished ones, and who is writing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.statistics.ledger import Ledger
from domain.statistics.ports import StatisticsSource
from domain.statistics.tally import Tally
from integrations.mongo.failures import store_failures

Document = dict[str, Any]

ROWS = "miniprogram_login_logs"
FIGURES = "miniprogram_statistics"
SUMS = "miniprogram_statistics_sums"
WRITERS = "statistics_writers"
TOTAL = "total"

ALIVE_SECONDS = 35
BEAT_SECONDS = 15


class Writers:
    """A writer is registered before its first row, so that none of its rows can be overlooked."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._writers = database[WRITERS]

    async def register(self, writer: str, now: datetime) -> None:
        with store_failures():
            await self._writers.insert_one({"_id": writer, "state": "alive", "aliveUntil": _until(now)})

    async def beat(self, writer: str, now: datetime) -> bool:
        """False when it was declared dead meanwhile."""
        with store_failures():
            found = await self._writers.update_one(
                {"_id": writer, "state": "alive"}, {"$set": {"aliveUntil": _until(now)}}
            )
        return bool(found.matched_count)

    async def abandon(self, writer: str) -> None:
        """What it wrote has to be counted (again) from its rows."""
        with store_failures():
            await self._writers.update_one(
                {"_id": writer}, {"$set": {"state": "suspect"}, "$inc": {"turn": 1}}, upsert=True
            )

    async def retire(self, writer: str) -> bool:
        """Its figures are complete; there will be no more rows. False when it was declared dead meanwhile."""
        with store_failures():
            found = await self._writers.update_one({"_id": writer, "state": "alive"}, {"$set": {"state": "final"}})
        return bool(found.matched_count)

    async def suspects(self) -> dict[str, int]:
        """Whose figures have to be recounted, and since which turn."""
        with store_failures():
            return {each["_id"]: each["turn"] async for each in self._writers.find({"state": "suspect"})}

    async def finished(self) -> set[str]:
        with store_failures():
            return {each["_id"] async for each in self._writers.find({"state": "final"})}

    async def forget(self, finished: Iterable[str], recounted: Mapping[str, int]) -> None:
        """All of theirs is summed up; one that became suspect again in between stays."""
        with store_failures():
            for writer in finished:
                await self._writers.delete_one({"_id": writer, "state": "final"})
            for writer, turn in recounted.items():
                await self._writers.delete_one({"_id": writer, "turn": turn})

    async def bury(self, now: datetime) -> None:
        """Declare dead whoever has not been heard of."""
        with store_failures():
            found = [each async for each in self._writers.find({"state": "alive"})]
            for each in found:
                if each["aliveUntil"] < now:
                    unchanged = {"_id": each["_id"], "state": "alive", "aliveUntil": each["aliveUntil"]}
                    await self._writers.update_one(unchanged, {"$set": {"state": "suspect"}, "$inc": {"turn": 1}})


class Figures(StatisticsSource):
    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._figures = database[FIGURES]
        self._sums = database[SUMS]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._figures.create_index("merged", name="merged")
            await self._figures.create_index("day", name="day")
            await self._sums.create_index("day", name="day")

    async def write(self, writer: str, day: date, tally: Tally) -> bool:
        """Replace what this writer says of a day; False when these figures are final."""
        key = {"_id": f"{day}:{writer}", "final": False}
        change = {"day": str(day), "writer": writer, "merged": False, "figures": packed(tally)}
        with store_failures():
            try:
                await self._figures.update_one(key, {"$set": change}, upsert=True)
            except DuplicateKeyError:
                return False
        return True

    async def ledger(self, since: date, groups: Sequence[str]) -> Ledger:
        shown = {"day": 1, "includes": 1, **{f"figures.{group}": 1 for group in groups}}
        with store_failures():
            # In this order: figures that are summed in between are recognised by what the sums include.
            current = [each async for each in self._figures.find({"merged": False}, shown)]
            # The total's `day` comes after every day's.
            sums = [each async for each in self._sums.find({"day": {"$gte": str(since)}}, shown)]
        days: dict[date, Tally] = {}
        total = Tally()
        included: dict[str, frozenset[str]] = {}
        for document in sums:
            tally = unpacked(document["figures"])
            included[document["_id"]] = frozenset(document["includes"])
            if document["_id"] == TOTAL:
                total = tally
            else:
                days[date.fromisoformat(document["_id"])] = tally
        for document in current:
            key, day = document["_id"], document["day"]
            tally = unpacked(document["figures"])
            if key not in included.get(TOTAL, ()):
                total.add(tally)
            if day >= str(since) and key not in included.get(day, ()):
                days.setdefault(date.fromisoformat(day), Tally()).add(tally)
        return Ledger(total, days)


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=ALIVE_SECONDS)


def packed(tally: Tally) -> dict[str, str]:
    """A group is one value: whoever does not read it does not pay for how many places or gaps it knows."""
    return {group: json.dumps(counts, ensure_ascii=False) for group, counts in tally.grouped().items()}


def unpacked(figures: Mapping[str, str]) -> Tally:
    return Tally.from_grouped({group: json.loads(counts) for group, counts in figures.items()})
