"""Storage of the statistics: counters per day and writer, sums of finished counters, and the registry of writers."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.statistics.counters import Counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.ports import LiveCounters, StatisticsSource
from integrations.mongo.failures import drop_index, store_failures

Document = dict[str, Any]

LOGIN_LOG = "miniprogram_login_logs"
COUNTERS = "miniprogram_statistics"
SUMS = "miniprogram_statistics_sums"
WRITERS = "statistics_writers"
TOTAL = "total"
COUNTS: Final = "counts"

ALIVE_SECONDS = 12
HEARTBEAT_SECONDS = 4

_NOTHING: Final[Mapping[str, Counters]] = MappingProxyType({})


class WriterRegistry:
    """The writers of counters: each app process has one per day.

    A writer is registered before its first row, so that none of its rows can be missed.
    """

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._writers = database[WRITERS]

    async def register(self, writer: str, now: datetime) -> None:
        with store_failures():
            await self._writers.insert_one({"_id": writer, "state": "alive", "aliveUntil": _until(now), "days": []})

    async def add_days(self, writer: str, days: Iterable[str]) -> None:
        """Call it before the writer's first row of each day: a recount looks for its rows on these days."""
        with store_failures():
            await self._writers.update_one({"_id": writer}, {"$addToSet": {"days": {"$each": sorted(days)}}})

    async def days_of(self, writer: str) -> Sequence[str] | None:
        """None for a writer of an earlier version."""
        with store_failures():
            found = await self._writers.find_one({"_id": writer}, {"days": 1})
        return found.get("days") if found else None

    async def heartbeat(self, writer: str, now: datetime) -> bool:
        """False if the writer was declared dead."""
        with store_failures():
            found = await self._writers.update_one(
                {"_id": writer, "state": "alive"}, {"$set": {"aliveUntil": _until(now)}}
            )
        return bool(found.matched_count)

    async def abandon(self, writer: str) -> None:
        """Marks the writer as suspect: its counters must be recounted from its rows."""
        with store_failures():
            await self._writers.update_one(
                {"_id": writer}, {"$set": {"state": "suspect"}, "$inc": {"turn": 1}}, upsert=True
            )

    async def retire(self, writer: str) -> bool:
        """Marks the writer as final: its counters are complete. False if it was declared dead."""
        with store_failures():
            found = await self._writers.update_one({"_id": writer, "state": "alive"}, {"$set": {"state": "final"}})
        return bool(found.matched_count)

    async def suspects(self) -> dict[str, int]:
        """Writers whose counters must be recounted, each with the number of times that it became suspect."""
        with store_failures():
            return {each["_id"]: each["turn"] async for each in self._writers.find({"state": "suspect"})}

    async def registered(self) -> set[str]:
        """Writers that may still be recounted, or whose counters are not summed yet."""
        with store_failures():
            return {each["_id"] async for each in self._writers.find({}, {"_id": 1})}

    async def finished(self) -> set[str]:
        """Final writers."""
        with store_failures():
            return {each["_id"] async for each in self._writers.find({"state": "final"})}

    async def remove(self, finished: Iterable[str], recounted: Mapping[str, int]) -> None:
        """Removes writers whose counters are summed. One that has become suspect again stays."""
        with store_failures():
            for writer in finished:
                await self._writers.delete_one({"_id": writer, "state": "final"})
            for writer, turn in recounted.items():
                await self._writers.delete_one({"_id": writer, "turn": turn})

    async def declare_dead(self, now: datetime) -> None:
        """Marks writers without a recent heartbeat as suspect."""
        with store_failures():
            found = [each async for each in self._writers.find({"state": "alive"})]
            for each in found:
                if each["aliveUntil"] < now:
                    unchanged = {"_id": each["_id"], "state": "alive", "aliveUntil": each["aliveUntil"]}
                    await self._writers.update_one(unchanged, {"$set": {"state": "suspect"}, "$inc": {"turn": 1}})


class _NoLiveCounters(LiveCounters):
    async def put(self, counters: Mapping[str, Counters]) -> None:
        return

    async def newest(self, ids: Sequence[str]) -> Mapping[str, Counters]:
        return _NOTHING


class StatisticsStore(StatisticsSource):
    """Counters per day and writer, and the sums that `StatisticsMaintenance` makes of them."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]", live: LiveCounters | None = None) -> None:
        self._counters = database[COUNTERS]
        self._sums = database[SUMS]
        self._live = live or _NoLiveCounters()

    async def create_indexes(self) -> None:
        with store_failures():
            await self._counters.create_index("merged", name="merged")
            await drop_index(self._counters, "day")  # of earlier versions: each flush would write it
            await self._sums.create_index("day", name="day")

    async def write(self, writer: str, day: date, counters: Counters) -> bool:
        """Replaces the counters of this writer and day; False if they are final."""
        key = {"_id": counters_id(str(day), writer), "final": False}
        change = {"day": str(day), "writer": writer, "merged": False, "figures": encode_counters(counters)}
        with store_failures():
            try:
                await self._counters.update_one(key, {"$set": change}, upsert=True)
            except DuplicateKeyError:
                return False
        return True

    async def announce(self, writer: str, counters: Mapping[date, Counters]) -> None:
        """Shows `counts_of` what this writer has counted and not stored yet. Raises Unavailable."""
        counts = {counters_id(str(day), writer): its.only(COUNTS) for day, its in counters.items()}
        await self._live.put(counts)

    async def daily_counters(self, since: date, groups: Sequence[str]) -> DailyCounters:
        # In this order: counters that are summed in between are recognised by `includes`.
        current = await self._unsummed(groups)
        return _added(since, await self._summed(since, groups), current)

    async def counts_of(self, day: date) -> DailyCounters:
        current = await self._unsummed((COUNTS,))
        growing = [key for key, document in current.items() if not document["final"]]
        sums, live = await asyncio.gather(self._summed(day, (COUNTS,)), self._live.newest(growing))
        return _added(day, sums, current, live)

    async def _unsummed(self, groups: Sequence[str]) -> dict[str, Document]:
        with store_failures():
            found = self._counters.find({"merged": False}, {"day": 1, "final": 1, **_fields_of(groups)})
            return {each["_id"]: each async for each in found}

    async def _summed(self, since: date, groups: Sequence[str]) -> list[Document]:
        with store_failures():
            # The total's `day` sorts after all dates.
            found = self._sums.find({"day": {"$gte": str(since)}}, {"day": 1, "includes": 1, **_fields_of(groups)})
            return [each async for each in found]


def _added(
    since: date, sums: Iterable[Document], current: Mapping[str, Document], live: Mapping[str, Counters] = _NOTHING
) -> DailyCounters:
    """The sums, and the current counters that they do not include; of these the live ones where they are later."""
    days: dict[date, Counters] = {}
    total = Counters()
    included: dict[str, frozenset[str]] = {}
    for document in sums:
        counted = decode_counters(document["figures"])
        included[document["_id"]] = frozenset(document["includes"])
        if document["_id"] == TOTAL:
            total = counted
        else:
            days[date.fromisoformat(document["_id"])] = counted
    for key, document in current.items():
        day, counted = document["day"], decode_counters(document["figures"])
        if key in live:
            counted.raise_to(live[key])
        if key not in included.get(TOTAL, ()):
            total.add(counted)
        if day >= str(since) and key not in included.get(day, ()):
            days.setdefault(date.fromisoformat(day), Counters()).add(counted)
    return DailyCounters(total, days)


def _fields_of(groups: Sequence[str]) -> Document:
    return {f"figures.{group}": 1 for group in groups}


def counters_id(day: str, writer: str) -> str:
    return f"{day}:{writer}"


def ids_of(day: str) -> Document:
    """The query of the counters of all writers on this day."""
    return {"_id": {"$gte": f"{day}:", "$lt": f"{day};"}}  # the next character


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=ALIVE_SECONDS)


def encode_counters(counters: Counters) -> dict[str, str]:
    """The stored form: one JSON text per group, so that reading one group does not cost the size of the others."""
    return {group: json.dumps(counts, ensure_ascii=False) for group, counts in counters.grouped().items()}


def decode_counters(groups: Mapping[str, str]) -> Counters:
    return Counters.from_grouped({group: json.loads(counts) for group, counts in groups.items()})
