"""The number of new audit rows is published, also after the bus was away."""

from collections.abc import Sequence

from domain.audit.announcer import AuditAnnouncer
from domain.audit.events import AuditLogGrew
from domain.audit.model import audit_of
from domain.shared.actor import SYSTEM
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from tests.domain.sequential_ids import SequentialIds
from tests.integrations.clocks import SettableClock

CLOCK = SettableClock()


class Rows:
    def __init__(self) -> None:
        self.stored: list[DomainEvent] = []

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        self.stored += events


class Bus:
    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.published: list[DomainEvent] = []

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable
        self.published += events


async def test_rows_are_stored_and_counted_once_although_the_bus_was_away() -> None:
    rows, bus, ids = Rows(), Bus(failures=2), SequentialIds()
    announcer = AuditAnnouncer(rows, bus, CLOCK, ids)
    new = [audit_of(ids.next_id(), CLOCK.now(), SYSTEM, ("contract", "c1")) for _ in range(3)]

    await announcer.follow(new)
    [job] = announcer.background
    for _ in range(2):
        try:
            await job.run()
        except Unavailable:
            continue
    await job.run()

    assert rows.stored == new
    [event] = bus.published
    assert isinstance(event, AuditLogGrew)
    assert event.count == 3
    await job.run()
    assert bus.published == [event]
