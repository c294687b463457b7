"""The disks that need an operator, of all machines, as every app process knows them from the event stream."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.monitoring.disk_watch import REPEAT_EVERY_SECONDS
from domain.monitoring.events import DiskMeasured
from domain.monitoring.model import Disk, DiskLevel
from domain.shared.events import StreamEntry, StreamState
from domain.shared.ports import Clock

FORGOTTEN_AFTER: Final = timedelta(seconds=REPEAT_EVERY_SECONDS * 4)
"""The machine of a disk that was not measured for so long is gone."""


class DiskBoard:
    """A consumer of the event feed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: dict[tuple[str, str], tuple[Disk, datetime]] = {}

    def problems(self) -> Sequence[Disk]:
        """The disks that are low or full, the worst first."""
        since = self._clock.now() - FORGOTTEN_AFTER
        found = [disk for disk, at in self._newest.values() if at > since and disk.level is not DiskLevel.OK]
        return sorted(found, key=lambda disk: (not disk.full, disk.free_bytes, disk.machine))

    def begin(self, state: StreamState, past: Sequence[StreamEntry]) -> None:
        self.take(past)

    def take(self, entries: Sequence[StreamEntry]) -> None:
        for entry in entries:
            if isinstance(entry.event, DiskMeasured):
                disk = entry.event.disk
                self._newest[disk.machine, disk.volume] = disk, entry.event.at

    def history_lost(self, state: StreamState) -> None:
        """The next measurement comes soon."""
