"""Warnings about a disk to the operator, and its state in the app processes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from domain.monitoring.disk_board import FORGOTTEN_AFTER, DiskBoard
from domain.monitoring.disk_watch import REPEAT_EVERY_SECONDS, DiskWatch
from domain.monitoring.events import DiskMeasured
from domain.monitoring.model import Disk, DiskLevel
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, StreamEntry
from tests.domain.sequential_ids import SequentialIds
from tests.integrations.clocks import SettableClock

MB, GB = 1024**2, 1024**3


def a_disk(free_bytes: int, total_bytes: int = 100 * GB, *, full: bool = False, machine: str = "app1") -> Disk:
    return Disk(machine=machine, volume="data", free_bytes=free_bytes, total_bytes=total_bytes, full=full)


ROOMY, LOW = a_disk(50 * GB), a_disk(5 * GB)
FULL = a_disk(MB, full=True)


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [
        (10 * GB, 100 * GB, DiskLevel.OK),
        (10 * GB - 1, 100 * GB, DiskLevel.LOW),
        (500 * MB, 1 * GB, DiskLevel.OK),
        (500 * MB - 1, 1 * GB, DiskLevel.LOW),
    ],
)
def test_a_disk_is_low_below_ten_percent_or_500_mb(free: int, total: int, level: DiskLevel) -> None:
    assert a_disk(free, total).level is level


class Watched:
    """A watch over one disk, of which the test decides the space."""

    def __init__(self) -> None:
        self.disk = ROOMY
        self.published: list[Disk] = []
        self.warnings: list[DiskLevel] = []
        self.bus_is_down = False
        self.clock = SettableClock(datetime(2026, 11, 25, tzinfo=UTC))
        self.watch = DiskWatch(self, self, self, self.clock, SequentialIds())

    async def measure(self) -> Sequence[Disk]:
        return [self.disk]

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        if self.bus_is_down:
            raise Unavailable
        self.published += [event.disk for event in events if isinstance(event, DiskMeasured)]

    def measured(self, disk: Disk) -> None:
        return

    def warned(self, disk: Disk) -> None:
        self.warnings.append(disk.level)

    async def becomes(self, disk: Disk) -> None:
        self.disk = disk
        await self.watch.measure()


async def test_each_change_for_the_worse_is_warned_about_once() -> None:
    it = Watched()

    for disk in (ROOMY, LOW, LOW, FULL, FULL, ROOMY, LOW):
        await it.becomes(disk)

    assert it.warnings == [DiskLevel.LOW, DiskLevel.FULL, DiskLevel.LOW]
    assert it.published == [LOW, FULL, ROOMY, LOW]


async def test_a_disk_that_stays_low_is_published_again_for_processes_that_started_later() -> None:
    it = Watched()
    await it.becomes(LOW)

    it.clock.time += timedelta(seconds=REPEAT_EVERY_SECONDS)
    await it.becomes(a_disk(4 * GB))

    assert it.published == [LOW, a_disk(4 * GB)]


async def test_an_outage_of_the_bus_hides_no_warning_and_delays_the_event_only() -> None:
    it = Watched()
    it.bus_is_down = True
    with pytest.raises(Unavailable):
        await it.becomes(LOW)

    it.bus_is_down = False
    await it.becomes(LOW)

    assert it.warnings == [DiskLevel.LOW]
    assert it.published == [LOW]


def entry(disk: Disk, at: datetime) -> StreamEntry:
    return StreamEntry(offset="1-0", event=DiskMeasured(id="1" * 24, at=at, disk=disk))


def test_the_board_shows_the_newest_of_each_disk_worst_first_and_forgets_machines_that_are_gone() -> None:
    clock = SettableClock(datetime(2026, 11, 25, tzinfo=UTC))
    board = DiskBoard(clock)
    other = a_disk(GB, machine="app2")

    board.take([entry(LOW, clock.now()), entry(other, clock.now()), entry(FULL, clock.now())])
    assert list(board.problems()) == [FULL, other]

    board.take([entry(ROOMY, clock.now())])
    assert list(board.problems()) == [other]

    clock.time += FORGOTTEN_AFTER
    assert list(board.problems()) == []
