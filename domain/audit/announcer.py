"""Tells open pages that the audit log has new rows."""

from collections.abc import Sequence
from typing import Final

from domain.audit.events import AuditLogGrew
from domain.audit.model import AuditRecorded
from domain.shared.background import BackgroundJob, OnSignal
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, DurableFollower, EventPublisher, IdGenerator
from domain.shared.signal import Signal

PAUSE_SECONDS: Final = 1.0


class AuditAnnouncer:
    """Stores rows with `audit_log`, and publishes their number a moment later.

    A number that could not be published is added to the next one. The log is complete in any case.
    """

    def __init__(self, audit_log: DurableFollower, bus: EventPublisher, clock: Clock, ids: IdGenerator) -> None:
        self._audit_log = audit_log
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._stored = 0
        self._grown = Signal()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("audit-announce", OnSignal(self._grown, pause_seconds=PAUSE_SECONDS), self._announce),)

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        await self._audit_log.follow(events)
        self._stored += sum(isinstance(event, AuditRecorded) for event in events)
        self._grown.set()

    async def _announce(self) -> None:
        count = self._stored
        if not count:
            return
        await self._bus.publish([AuditLogGrew(id=self._ids.next_id(), at=self._clock.now(), count=count)])
        self._stored -= count
