"""Deletes old rows of the login log, and remembers from which day on it is complete."""

from collections.abc import Set
from datetime import date
from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.background import BackgroundJob, Every
from domain.shared.business_day import business_day
from domain.shared.parts import parts_of
from domain.shared.ports import Clock
from domain.statistics.retention import CompleteRows
from integrations.mongo.failures import store_failures
from integrations.mongo.statistics.login_rows import RESULTS
from integrations.mongo.statistics.store import LOGIN_LOG, Document, WriterRegistry

COMPLETE: Final = "statistics_complete_rows"
"""One document: the days from which on the login log is complete."""
EVERY_SECONDS: Final = 60.0
LEASE_SECONDS: Final = 300.0
_ROWS_A_ROUND: Final = 2_000
"""Of each result. The next round goes on."""
_CHUNK: Final = 100
"""A deletion stays short, so that log-ins need not wait for it."""
_KEY: Final = "login-log"


async def read_complete_rows(database: "AsyncIOMotorDatabase[Document]") -> CompleteRows:
    with store_failures():
        found = await database[COMPLETE].find_one({"_id": _KEY})
    if found is None:
        return CompleteRows()
    return CompleteRows(date.fromisoformat(found["since"]), date.fromisoformat(found["refusedSince"]))


class LoginLogRetention:
    """A TTL index would not do: the day must be stored before its first row is deleted, rows that may still be
    recounted must stay, and a changed setting would need a changed index.
    """

    def __init__(
        self, database: "AsyncIOMotorDatabase[Document]", writers: WriterRegistry, clock: Clock, days: int
    ) -> None:
        """`days`: how long rows are kept; those of refused logins at most `REFUSED_DAYS`."""
        self._database = database
        self._rows = database[LOGIN_LOG]
        self._writers = writers
        self._clock = clock
        self._days = days

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        # Not at once: maintenance first finds the writers that died while no app process was running.
        schedule = Every(EVERY_SECONDS, at_start=False)
        return (BackgroundJob("login-log-retention", schedule, self.run_once, lease_seconds=LEASE_SECONDS),)

    async def create_indexes(self) -> None:
        with store_failures():
            await self._rows.create_index([("result", 1), ("day", 1)], name="retention")

    async def run_once(self) -> None:
        """One round. If it is interrupted, the next round goes on. Raises Unavailable."""
        known = await read_complete_rows(self._database)
        complete = known.advanced_to(CompleteRows.after_retention(business_day(self._clock.now()), self._days))
        if complete != known:
            stored = {"since": str(complete.since), "refusedSince": str(complete.refused_since)}
            with store_failures():
                await self._database[COMPLETE].update_one({"_id": _KEY}, {"$set": stored}, upsert=True)
        recountable = await self._writers.registered()
        for result in RESULTS:
            since = complete.refused_since if result == "failed" else complete.since
            await self._delete(result, since, recountable)

    async def _delete(self, result: str | None, before: date, recountable: Set[str]) -> None:
        old = {"result": result, "day": {"$lt": str(before)}}
        with store_failures():
            found = self._rows.find(old, {"writer": 1}).limit(_ROWS_A_ROUND)
            ids = [row["_id"] async for row in found if row.get("writer") not in recountable]
            for part in parts_of(ids, _CHUNK):
                await self._rows.delete_many({"_id": {"$in": part}})
