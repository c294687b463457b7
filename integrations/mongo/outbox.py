"""The transactional outbox in this app process: numbers the events of its saves and queues them for the relay.

A document holds the events of its last saves, each with its writer and its number. Whether an event is relayed is known
from the writer's progress (`outbox_writers`).
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.events import DomainEvent, event_from_record
from domain.shared.signal import Signal
from integrations.mongo.outbox_writers import ALIVE_SECONDS, EVERYTHING, OutboxWriter, OutboxWriters, Progress

log = logging.getLogger("error.outbox")

OUTBOX = "outbox"
WRITER = "writer"
NUMBER = "number"

UNPUBLISHED_WAIT_SECONDS = 0.05
"""Events that are not published wait for others this long: their followers take many as cheaply as one."""
MAX_QUEUED = 20_000
"""Beyond this, events are left in their documents, so that memory does not grow while a store is down."""
MAX_LEFT = 20_000
"""Beyond this, they are handed over as if this process had died: the recovery finds them in the documents."""

Record = Mapping[str, Any]


class OutboxEntry(NamedTuple):
    """An event as its document holds it. `writer` is empty for events of an earlier version."""

    collection: str
    document_id: ObjectId
    event: DomainEvent
    writer: str
    number: int

    def to_record(self) -> dict[str, Any]:
        return {**self.event.to_record(), WRITER: self.writer, NUMBER: self.number}


class LeftEntry(NamedTuple):
    """Where to look for an event whose save has an unknown outcome, or that could not be relayed."""

    collection: str
    document_id: ObjectId
    since: float


class Outbox:
    """Repositories number and enqueue events, one `OutboxRelay` relays them. The documents remain the source of truth:
    when this process dies, another one recovers its events from them."""

    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
        self.pending: list[OutboxEntry] = []
        """Not relayed yet, in the order of saving."""
        self.arrived = Signal()
        self.progressed = Signal()
        """Set when more is relayed than the other processes know."""
        self.left: dict[int, LeftEntry] = {}
        """By number: events of this process that the relay looks for in their documents."""
        self._writers = OutboxWriters(database)
        self._writer = OutboxWriter()
        self._registered = False
        self._incomplete = False
        self._alive_at = -ALIVE_SECONDS
        self._lock = asyncio.Lock()
        self._others: dict[str, Progress] = {}
        """The progress of other writers, as it was read last. EVERYTHING for one without a document: a writer is
        registered before its first event, so it has ended."""
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def last_number(self) -> int:
        """The number of the newest event of this process."""
        return self._writer.last_number

    # --- saving

    async def number(self, collection: str, document_id: ObjectId, events: Sequence[DomainEvent]) -> list[OutboxEntry]:
        """Entries for the events that a save is about to store. Call `enqueue`, `settle` or `leave` with them then.

        Raises Unavailable when this process cannot show that it is alive.
        """
        if not events:
            return []
        if time.monotonic() - self._alive_at > ALIVE_SECONDS / 2:
            await self.store_progress()
        self._settled.clear()
        writer = self._writer
        return [OutboxEntry(collection, document_id, event, writer.id, writer.next_number()) for event in events]

    def enqueue(self, entries: Sequence[OutboxEntry]) -> None:
        """Queues stored entries of one document for the relay, in their order. Never blocks. Ignores entries that are
        queued or relayed already."""
        new = [entry for entry in entries if entry.writer != self._writer.id or self._writer.queue(entry.number)]
        if len(self.pending) >= MAX_QUEUED:
            self.leave(new)
        elif new:
            self.pending += new
            if any(entry.event.published for entry in new):
                self.arrived.set()
            else:
                self.arrived.set_within(UNPUBLISHED_WAIT_SECONDS)

    def settle(self, entries: Iterable[OutboxEntry]) -> None:
        """These entries are relayed, or are certain never to be stored."""
        self.settle_numbers(entry.number for entry in entries if entry.writer == self._writer.id)

    def settle_numbers(self, numbers: Iterable[int]) -> None:
        """The same for events of this process, by their numbers."""
        for number in numbers:
            self._writer.settle(number)
            self.left.pop(number, None)
        self._changed()

    def leave(self, entries: Iterable[OutboxEntry]) -> None:
        """These entries stay in their documents, if they are stored at all, and the relay looks for them there."""
        for entry in entries:
            if entry.writer == self._writer.id:
                self._writer.leave(entry.number)
                self.left.setdefault(entry.number, LeftEntry(entry.collection, entry.document_id, time.monotonic()))
        self._changed()

    def _changed(self) -> None:
        self.progressed.set()
        if not self._writer.waiting:
            self._settled.set()

    # --- loading

    async def unrelayed(self, records: Sequence[Record]) -> list[Record]:
        """The records of a loaded document that may not be relayed yet, in their order. Raises Unavailable."""
        if any(self._is_relayed(record) is None for record in records):
            self._others.update(await self._writers.all())
            for record in records:
                self._others.setdefault(record[WRITER], EVERYTHING)
        return [record for record in records if not self._is_relayed(record)]

    def _is_relayed(self, record: Record) -> bool | None:
        """None when newer knowledge of the writer's progress is needed."""
        writer = record.get(WRITER)
        if writer is None:
            return False
        if writer == self._writer.id:
            return self._writer.has_relayed(record[NUMBER])
        known = self._others.get(writer)
        return None if known is None else known.includes(record[NUMBER]) or None

    def is_own(self, record: Record) -> bool:
        """True for an event of this process."""
        return bool(record.get(WRITER) == self._writer.id)

    def is_queued(self, record: Record) -> bool:
        """True for an unrelayed event of this process that the relay has."""
        return self.is_own(record) and self._writer.waiting.get(record[NUMBER], False)

    def is_left(self, record: Record) -> bool:
        """True for an event of this process that it looks for in its document."""
        return self.is_own(record) and record[NUMBER] in self.left

    # --- progress

    async def store_progress(self) -> None:
        """Tells the other processes what is relayed, and that this one is alive. Raises Unavailable.

        A process that was declared dead continues as a new writer: the events of the old one were recovered.
        """
        async with self._lock:
            if len(self.left) > MAX_LEFT:
                await self._writers.hand_over(self._writer)
                await self._begin_writer()
            elif not self._registered or not await self._writers.store(self._writer):
                await self._begin_writer()
            self._alive_at = time.monotonic()

    async def _begin_writer(self) -> None:
        if self._registered:
            log.warning("outbox.declared_dead", extra={"writer": self._writer.id})
        self._alive_at = -ALIVE_SECONDS  # no save may use a writer that is not registered
        writer = OutboxWriter()
        await self._writers.register(writer.id)
        self._writer, self._registered = writer, True
        self.left.clear()

    async def heartbeat(self) -> None:
        """Raises Unavailable."""
        if self._registered:
            await self.store_progress()

    async def drained(self, timeout_seconds: float) -> bool:
        """Waits until no entry waits to be relayed; False after `timeout_seconds`."""
        try:
            await asyncio.wait_for(self._settled.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    def require_recovery(self) -> None:
        """Not all that follows the saves of this process could be done: the recovery does it after its end."""
        self._incomplete = True

    async def close(self) -> None:
        """The process ends: another one recovers at once what is not done. Raises Unavailable."""
        if not self._registered:
            return
        ended, self._writer = self._writer, OutboxWriter()
        self._registered, self._alive_at = False, -ALIVE_SECONDS
        if ended.is_done and not self._incomplete:
            await self._writers.retire(ended.id)
        else:
            await self._writers.hand_over(ended)


def decode_entries(collection: str, document_id: ObjectId, records: Iterable[Record]) -> list[OutboxEntry]:
    """The entries of stored records, in their order. Skips events of a newer version: during a rolling restart both
    versions run."""
    entries = []
    for record in records:
        fields = dict(record)
        writer, number = fields.pop(WRITER, ""), fields.pop(NUMBER, 0)
        try:
            event = event_from_record(fields)
        except (KeyError, ValueError):
            log.warning("outbox.unknown_event", extra={"type": str(record.get("type"))[:64]})
        else:
            entries.append(OutboxEntry(collection, document_id, event, writer, number))
    return entries
