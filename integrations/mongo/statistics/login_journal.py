"""The login log (登录记录) in MongoDB: its rows, and counters of the rows that this process wrote."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence, Set
from contextlib import suppress
from datetime import date

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

from domain.shared.background import BackgroundJob, Every, OnSignal
from domain.shared.business_day import business_day
from domain.shared.errors import DomainError, Unavailable
from domain.shared.events import DomainEvent
from domain.shared.paging import Page, PageRequest
from domain.shared.ports import Clock, DurableFollower, IdGenerator
from domain.shared.signal import Signal
from domain.statistics.counters import Counters
from domain.statistics.increments import failed_login_increments, increments_of
from domain.users.events import CountedUserEvent
from domain.users.login.refusal_groups import RefusalGroups
from domain.users.login_record import LoginRecord
from domain.users.ports import LoginJournal
from integrations.batcher import Batcher
from integrations.mongo.failures import drop_index, duplicates_in, store_failures
from integrations.mongo.pages import page_of
from integrations.mongo.statistics.login_rows import failed_login_row, record_of, row_of
from integrations.mongo.statistics.store import (
    ALIVE_SECONDS,
    HEARTBEAT_SECONDS,
    LOGIN_LOG,
    Document,
    StatisticsStore,
    WriterRegistry,
)
from integrations.mongo.write_gate import OPEN_GATE, WriteGate

log = logging.getLogger("error.journal")

ANNOUNCE_EVERY_SECONDS = 0.04
"""Less than the time between two batches of the relay, so that the counters of a batch do not wait."""
FLUSH_EVERY_SECONDS = 1.0
"""The live statistics do not wait for it. Log-ins do: a store makes one write durable after the other."""
_MAX_BATCH = 500


class WriterState:
    """One writer: its id, the counters of the rows that it inserted, and the days whose counters are not stored yet."""

    def __init__(self, writer_id: str, day: date) -> None:
        self.id = writer_id
        self.day = day
        self.counters: dict[date, Counters] = {}
        self.registered_days: set[str] = set()
        self.unwritten_days: set[date] = set()
        self.refusals = RefusalGroups()
        self.last_heartbeat = time.monotonic()

    def add(self, day: date, counters: Counters) -> None:
        self.counters.setdefault(day, Counters()).add(counters)
        self.unwritten_days.add(day)


class MongoLoginJournal(LoginJournal, DurableFollower):
    """Its background jobs store the counters and send the writer's heartbeat.

    In doubt (an insert with unknown outcome, a writer declared dead while this process was paused) the writer is
    abandoned: statistics maintenance recounts its rows, and this process continues as a new writer.
    """

    def __init__(
        self,
        database: "AsyncIOMotorDatabase[Document]",
        writers: WriterRegistry,
        store: StatisticsStore,
        clock: Clock,
        ids: IdGenerator,
        changed: Callable[[], None] = lambda: None,
        attempted: Callable[[str, str, str], None] = lambda method, result, reason: None,
        gate: WriteGate = OPEN_GATE,
    ) -> None:
        self._gate = gate
        self._attempted = attempted
        self._rows = database[LOGIN_LOG]
        self._writers = writers
        self._store = store
        self._clock = clock
        self._ids = ids
        self.changed = changed
        """Called after counters have been announced or stored."""
        self._current: WriterState | None = None
        self._abandoned: list[str] = []
        self._lock = asyncio.Lock()
        self._failures: Batcher[LoginRecord, None] = Batcher(self._insert_failures, _MAX_BATCH)
        self._dirty = Signal()

    async def create_indexes(self) -> None:
        with store_failures():
            await self._rows.create_index([("userId", 1), ("at", -1)], name="user")
            await drop_index(self._rows, "writer")  # of earlier versions

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        rows = [(row_of(event), increments_of(event)) for event in events if isinstance(event, CountedUserEvent)]
        if rows:
            await self._insert(rows)

    async def record_failure(self, record: LoginRecord) -> None:
        with self._gate.writing():
            await self._failures.submit(record)

    async def page_of(self, user_id: str, paging: PageRequest) -> Page[LoginRecord]:
        wanted = {"userId": user_id, "kind": "login"}
        return await page_of(self._rows, wanted, [("at", -1), ("_id", -1)], paging, record_of)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (
            BackgroundJob("statistics-announce", OnSignal(self._dirty, ANNOUNCE_EVERY_SECONDS), self.announce),
            BackgroundJob("statistics-flush", OnSignal(self._dirty, FLUSH_EVERY_SECONDS), self._flush_and_notify),
            BackgroundJob("statistics-heartbeat", Every(HEARTBEAT_SECONDS, at_start=False), self.heartbeat),
        )

    async def end(self) -> None:
        """Stores all counters and retires the writer. If the store is down, maintenance recounts the rows later."""
        with suppress(DomainError):
            await self.close()
            await self._report_abandoned()

    async def close(self) -> None:
        """Stores all counters and retires the writer. Raises Unavailable; maintenance then recounts the rows."""
        async with self._lock:
            await self._finish()

    async def announce(self) -> None:
        """Shows the live statistics what is counted and not stored yet. Raises Unavailable."""
        if self._current is not None:
            unwritten = {day: self._current.counters[day] for day in self._current.unwritten_days}
            await self._store.announce(self._current.id, unwritten)
        self.changed()

    async def flush(self) -> None:
        """Stores the counters that have changed. Raises Unavailable."""
        async with self._lock:
            await self._write()

    async def heartbeat(self) -> None:
        """The writer's heartbeat; abandons the writer when it was declared dead. Raises Unavailable."""
        async with self._lock:
            if self._current and self._current.day != business_day(self._clock.now()):
                await self._finish()
            await self._beat()
        await self._report_abandoned()

    async def _report_abandoned(self) -> None:
        while self._abandoned:
            await self._writers.abandon(self._abandoned[0])
            del self._abandoned[0]

    async def _insert_failures(self, records: Sequence[LoginRecord]) -> Sequence[None]:
        try:
            await self._store_failures(records)
        except DomainError:
            raise
        except Exception as error:
            raise Unavailable from error
        return [None] * len(records)

    async def _insert(self, rows: Sequence[tuple[Document, Counters]]) -> None:
        async with self._lock:
            writer = await self._writer_for({row["day"] for row, _ in rows})
            documents = [{**row, "writer": writer.id} for row, _ in rows]
            present = await self._written(self._rows.insert_many(documents, ordered=False))
            for position, (row, counters) in enumerate(rows):
                if position not in present:
                    writer.add(date.fromisoformat(row["day"]), counters)
                    if row["kind"] == "login":
                        self._attempted(row["method"], row["result"], row.get("reason", ""))
        self._dirty.set()

    async def _store_failures(self, records: Sequence[LoginRecord]) -> None:
        async with self._lock:
            writer = await self._writer_for({str(business_day(record.at)) for record in records})
            changed = {row.id: row for row in map(writer.refusals.add, records)}
            rows = [{**failed_login_row(row), "writer": writer.id} for row in changed.values()]
            # The whole row: its group may have grown, and doing it twice changes nothing.
            writes = [UpdateOne({"_id": row.pop("_id")}, {"$set": row}, upsert=True) for row in rows]
            await self._written(self._rows.bulk_write(writes, ordered=False))
            for record in records:
                writer.add(business_day(record.at), failed_login_increments())
                self._attempted(record.method, record.result, record.reason)
        self._dirty.set()

    async def _written(self, write: Awaitable[object]) -> set[int]:
        """Completes a write; returns the positions of rows that were present. In doubt it abandons the writer."""
        try:
            with store_failures():
                return set(await duplicates_in(write))
        except BaseException:
            self._abandon_writer()
            raise

    async def _writer_for(self, days: Set[str]) -> WriterState:
        """The current writer, registered for rows of these days."""
        writer = await self._current_writer()
        if new := days - writer.registered_days:
            await self._writers.add_days(writer.id, new)
            writer.registered_days |= new
        return writer

    async def _current_writer(self) -> WriterState:
        """The current writer. Each day has a new one, so that the counters of the day before become final."""
        now = self._clock.now()
        if self._current and self._current.day != business_day(now):
            await self._finish()
        if self._current and time.monotonic() - self._current.last_heartbeat > ALIVE_SECONDS / 2:
            await self._beat()
        if self._current is None:
            writer = WriterState(self._ids.next_id(), business_day(now))
            await self._writers.register(writer.id, now)
            self._current = writer
        return self._current

    async def _write(self) -> None:
        writer = self._current
        if writer is None:
            return
        for day in sorted(writer.unwritten_days):
            try:
                accepted = await self._store.write(writer.id, day, writer.counters[day])
            except BaseException:  # the write may still arrive, after a newer one
                self._abandon_writer()
                raise
            if not accepted:
                self._abandon_writer()
                return
            writer.unwritten_days.discard(day)

    async def _finish(self) -> None:
        await self._write()
        if self._current is not None:
            if not await self._writers.retire(self._current.id):
                self._abandon_writer()
            self._current = None

    async def _beat(self) -> None:
        writer = self._current
        if writer is not None:
            if await self._writers.heartbeat(writer.id, self._clock.now()):
                writer.last_heartbeat = time.monotonic()
            else:  # declared dead while this process was paused
                self._abandon_writer()

    def _abandon_writer(self) -> None:
        if self._current is not None:
            self._abandoned.append(self._current.id)
            self._current = None

    async def _flush_and_notify(self) -> None:
        await self.flush()
        self.changed()
