"""The in-memory queue of the transactional outbox: events that this process has just stored with their documents."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bson import ObjectId

from domain.shared.events import DomainEvent, event_from_record
from domain.shared.signal import Signal

log = logging.getLogger("error.outbox")

MAX_ENTRIES = 20_000
"""Beyond this, entries are left to the sweep, so that memory does not grow while a store is down."""


class OutboxEntry(NamedTuple):
    collection: str
    document_id: ObjectId
    event: DomainEvent


class Outbox:
    """Repositories enqueue entries, one `OutboxRelay` relays them. The documents remain the source of truth: the sweep
    finds entries that are lost here."""

    def __init__(self) -> None:
        self.pending: list[OutboxEntry] = []
        """Not relayed yet, in the order of saving."""
        self.arrived = Signal()
        self._in_progress: set[str] = set()
        """Ids of events, from being enqueued until they are acknowledged."""
        self._drained = asyncio.Event()
        self._drained.set()

    def enqueue(self, collection: str, document_id: ObjectId, events: Sequence[DomainEvent]) -> None:
        """Queues events of one document for the relay. Never blocks.

        Ignores events that are in progress already. When the queue is full, events stay in the document for the sweep.
        """
        new = [event for event in events if event.id not in self._in_progress]
        if new and len(self._in_progress) < MAX_ENTRIES:
            self._in_progress.update(event.id for event in new)
            self.pending.extend(OutboxEntry(collection, document_id, event) for event in new)
            self._drained.clear()
            self.arrived.set()

    def acknowledge(self, entries: Iterable[OutboxEntry]) -> None:
        """Ends the progress of entries that were removed from their documents, or are left to the sweep."""
        self._in_progress.difference_update(entry.event.id for entry in entries)
        if not self._in_progress:
            self._drained.set()

    async def drained(self, timeout_seconds: float) -> bool:
        """Waits until every entry was relayed and acknowledged; False after `timeout_seconds`."""
        try:
            await asyncio.wait_for(self._drained.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True


def decode_events(records: Sequence[Mapping[str, Any]]) -> list[DomainEvent]:
    """Stored events in their order. Skips types of a newer version: during a rolling restart both versions run."""
    events = []
    for record in records:
        try:
            events.append(event_from_record(dict(record)))
        except (KeyError, ValueError):
            log.warning("outbox.unknown_event", extra={"type": str(record.get("type"))[:64]})
    return events
