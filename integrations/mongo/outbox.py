"""The outbox of an app process: events that its repositories have just stored, on their way to the relay."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson import ObjectId

from domain.shared.events import DomainEvent, event_from_record
from domain.shared.signal import Signal

log = logging.getLogger("error.outbox")

MOST_WAITING = 20_000
"""Beyond this an app process leaves entries to the sweep rather than grow while a store is down."""

Pending = tuple[str, ObjectId, DomainEvent]
"""Collection, document, event."""


class Outbox:
    """Repositories put in, one `OutboxRelay` takes out. The documents stay the truth: what is lost here is swept."""

    def __init__(self) -> None:
        self.waiting: list[Pending] = []
        """Not relayed yet, in the order of saving."""
        self.arrived = Signal()
        self._under_way: set[str] = set()
        """Ids of events from being put in until they are removed from their documents."""
        self._idle = asyncio.Event()
        self._idle.set()

    def offer(self, collection: str, document_id: ObjectId, events: Sequence[DomainEvent]) -> None:
        """Relay what was just stored. Never blocks; what does not fit stays in the document for the sweep. An event
        that is under way already is ignored."""
        new = [event for event in events if event.id not in self._under_way]
        if new and len(self._under_way) < MOST_WAITING:
            self._under_way.update(event.id for event in new)
            self.waiting.extend((collection, document_id, event) for event in new)
            self._idle.clear()
            self.arrived.set()

    def forget(self, entries: Iterable[Pending]) -> None:
        """These have left their documents, or are left to the sweep."""
        self._under_way.difference_update(event.id for _, _, event in entries)
        if not self._under_way:
            self._idle.set()

    async def drained(self, timeout_seconds: float) -> bool:
        """Wait until everything that was put in has been relayed and removed; False when that took too long."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True


def stored_events(records: Sequence[Mapping[str, Any]]) -> list[DomainEvent]:
    """In their order, without those that only a newer version knows: during a rolling restart both versions run."""
    events = []
    for record in records:
        try:
            events.append(event_from_record(dict(record)))
        except (KeyError, ValueError):
            log.warning("outbox.unknown_event", extra={"type": str(record.get("type"))[:64]})
    return events
