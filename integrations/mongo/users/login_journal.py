"""The login log (登录记录): one row a fact, and what the rows of this worker add up to."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from domain.shared.background import BackgroundJob, Every, OnSignal
from domain.shared.business_day import business_day
from domain.shared.errors import DomainError, Unavailable
from domain.shared.events import DomainEvent
from domain.shared.paging import MAX_PAGED_ROWS, Page, PageRequest
from domain.shared.ports import Clock, DurableFollower, IdGenerator
from domain.shared.signal import Signal
from domain.statistics.increments import tally_of, tally_of_refusal
from domain.statistics.tally import Tally
from domain.users.events import CountedUserEvent
from domain.users.login.record import LoginRecord
from domain.users.ports import LoginJournal
from integrations.batcher import Batcher
from integrations.mongo.failures import store_failures
from integrations.mongo.statistics.store import ALIVE_SECONDS, BEAT_SECONDS, ROWS, Document, Figures, Writers
from integrations.mongo.users.login_rows import attempt_of, failed_login_row, row_of

log = logging.getLogger("error.journal")

FLUSH_EVERY_SECONDS = 0.1
_DUPLICATE = 11000
_LARGEST_GROUP = 500


class Writing:
    """One writer's life: an id, the rows it inserted added up, and what of that is not written yet."""

    def __init__(self, writer: str, day: date) -> None:
        self.writer = writer
        self.day = day
        self.tallies: dict[date, Tally] = {}
        self.unwritten: set[date] = set()
        self.heard_at = time.monotonic()

    def add(self, day: date, tally: Tally) -> None:
        self.tallies.setdefault(day, Tally()).add(tally)
        self.unwritten.add(day)


class MongoLoginJournal(LoginJournal, DurableFollower):
    """`run` must run beside it: it keeps this worker's figures written and its writer alive.

    Every doubt (an insert whose outcome is unknown, a writer declared dead while this process slept) ends the writer:
    its rows are then counted by the keeper, and this process goes on as a new one.
    """

    def __init__(
        self,
        database: "AsyncIOMotorDatabase[Document]",
        writers: Writers,
        figures: Figures,
        clock: Clock,
        ids: IdGenerator,
        changed: Callable[[], None] = lambda: None,
        attempted: Callable[[str, str, str], None] = lambda method, result, reason: None,
    ) -> None:
        self._attempted = attempted
        self._rows = database[ROWS]
        self._writers = writers
        self._figures = figures
        self._clock = clock
        self._ids = ids
        self.changed = changed
        """Called after figures have been written."""
        self._now_writing: Writing | None = None
        self._doubtful: list[str] = []
        self._lock = asyncio.Lock()
        self._refusals: Batcher[LoginRecord, None] = Batcher(self._insert_refusals, _LARGEST_GROUP)
        self._dirty = Signal()

    async def create_indexes(self) -> None:
        with store_failures():
            await self._rows.create_index([("userId", 1), ("at", -1)], name="user")
            await self._rows.create_index("writer", name="writer")

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        rows = [(row_of(event), tally_of(event)) for event in events if isinstance(event, CountedUserEvent)]
        if rows:
            await self._insert(rows)

    async def record_failure(self, attempt: LoginRecord) -> None:
        await self._refusals.submit(attempt)

    async def page_of(self, user_id: str, paging: PageRequest) -> Page[LoginRecord]:
        wanted, skip = {"userId": user_id, "kind": "login"}, paging.skip
        with store_failures():
            total = await self._rows.count_documents(wanted, limit=MAX_PAGED_ROWS)
            found = self._rows.find(wanted).sort([("at", -1), ("_id", -1)]).skip(skip).limit(paging.page_size)
            shown = [attempt_of(row) async for row in found]
        return Page[LoginRecord](list=shown, total=total, page=paging.page, page_size=paging.page_size)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob(
                "statistics-flush", OnSignal(self._dirty, pause_seconds=FLUSH_EVERY_SECONDS), self._flush_and_tell
            ),
            BackgroundJob("statistics-heartbeat", Every(BEAT_SECONDS, at_start=False), self.beat),
        )

    async def end(self) -> None:
        """Write everything, so far as the store is there; else maintenance recounts it from the rows."""
        with suppress(DomainError):
            await self.close()
            await self._tell_doubts()

    async def close(self) -> None:
        """Write what is unwritten and end this writer. Raises Unavailable; the keeper does it then."""
        async with self._lock:
            await self._finish()

    async def flush(self) -> None:
        """Write the figures that have changed. Raises Unavailable."""
        async with self._lock:
            await self._write()

    async def beat(self) -> None:
        """Say that this writer lives, or learn that it was declared dead. Raises Unavailable."""
        async with self._lock:
            if self._now_writing and self._now_writing.day != business_day(self._clock.now()):
                await self._finish()
            await self._beat()
        await self._tell_doubts()

    async def _tell_doubts(self) -> None:
        while self._doubtful:
            await self._writers.abandon(self._doubtful[0])
            del self._doubtful[0]

    async def _insert_refusals(self, attempts: Sequence[LoginRecord]) -> Sequence[None]:
        try:
            await self._insert([(failed_login_row(attempt), tally_of_refusal()) for attempt in attempts])
        except DomainError:
            raise
        except Exception as error:
            raise Unavailable from error
        return [None] * len(attempts)

    async def _insert(self, rows: Sequence[tuple[Document, Tally]]) -> None:
        async with self._lock:
            writing = await self._writing()
            present: set[int] = set()
            try:
                with store_failures():
                    documents = [{**row, "writer": writing.writer} for row, _ in rows]
                    await self._rows.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                problems = error.details["writeErrors"]
                if error.details.get("writeConcernErrors") or any(each["code"] != _DUPLICATE for each in problems):
                    self._doubt()
                    raise
                present = {each["index"] for each in problems}
            except BaseException:
                self._doubt()
                raise
            for position, (row, tally) in enumerate(rows):
                if position not in present:
                    writing.add(date.fromisoformat(row["day"]), tally)
                    if row["kind"] == "login":
                        self._attempted(row["method"], row["result"], row.get("reason", ""))
        self._dirty.set()

    async def _writing(self) -> Writing:
        """The writer of this moment: one a day, so that yesterday's figures become final."""
        now = self._clock.now()
        if self._now_writing and self._now_writing.day != business_day(now):
            await self._finish()
        if self._now_writing and time.monotonic() - self._now_writing.heard_at > ALIVE_SECONDS / 2:
            await self._beat()
        if self._now_writing is None:
            writing = Writing(self._ids.next_id(), business_day(now))
            await self._writers.register(writing.writer, now)
            self._now_writing = writing
        return self._now_writing

    async def _write(self) -> None:
        writing = self._now_writing
        if writing is None:
            return
        for day in sorted(writing.unwritten):
            try:
                accepted = await self._figures.write(writing.writer, day, writing.tallies[day])
            except BaseException:  # it may still arrive, after a newer one
                self._doubt()
                raise
            if not accepted:
                self._doubt()
                return
            writing.unwritten.discard(day)

    async def _finish(self) -> None:
        await self._write()
        if self._now_writing is not None:
            if not await self._writers.retire(self._now_writing.writer):
                self._doubt()
            self._now_writing = None

    async def _beat(self) -> None:
        writing = self._now_writing
        if writing is not None:
            if await self._writers.beat(writing.writer, self._clock.now()):
                writing.heard_at = time.monotonic()
            else:  # declared dead while this process slept
                self._doubt()

    def _doubt(self) -> None:
        if self._now_writing is not None:
            self._doubtful.append(self._now_writing.writer)
            self._now_writing = None

    async def _flush_and_tell(self) -> None:
        await self.flush()
        self.changed()
