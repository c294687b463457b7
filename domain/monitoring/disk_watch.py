"""Measures the disks of this machine, warns when one is low or full, and tells all app processes."""

import logging
from datetime import datetime
from typing import Final

from domain.monitoring.events import DiskMeasured
from domain.monitoring.model import Disk, DiskLevel, Volume
from domain.monitoring.ports import DiskObserver, Disks
from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock, EventPublisher, IdGenerator

log = logging.getLogger("error.disk")

MEASURE_EVERY_SECONDS: Final = 2.0
REPEAT_EVERY_SECONDS: Final = 30.0
"""A disk that is not OK is published so often, for processes that started later and for its free space."""


class DiskWatch:
    def __init__(
        self, disks: Disks, publisher: EventPublisher, observer: DiskObserver, clock: Clock, ids: IdGenerator
    ) -> None:
        self._disks = disks
        self._publisher = publisher
        self._observer = observer
        self._clock = clock
        self._ids = ids
        self._levels: dict[Volume, DiskLevel] = {}
        self._published: dict[Volume, tuple[DiskLevel, datetime]] = {}

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("disk-watch", Every(MEASURE_EVERY_SECONDS), self.measure),)

    async def measure(self) -> None:
        """Warns before it publishes, so that no outage of the bus hides a warning. Raises Unavailable."""
        disks = await self._disks.measure()
        for disk in disks:
            self._observer.measured(disk)
            self._warn(disk)
        now = self._clock.now()
        due = [disk for disk in disks if self._is_due(disk, now)]
        if due:
            await self._publisher.publish([DiskMeasured(id=self._ids.next_id(), at=now, disk=disk) for disk in due])
            self._published.update((disk.volume, (disk.level, now)) for disk in due)

    def _warn(self, disk: Disk) -> None:
        before, self._levels[disk.volume] = self._levels.get(disk.volume, DiskLevel.OK), disk.level
        if disk.level == before:
            return
        figures = {"volume": disk.volume, "freeBytes": disk.free_bytes, "totalBytes": disk.total_bytes}
        if disk.level is DiskLevel.OK:
            log.warning("disk.ok", extra=figures)
        else:
            log.warning(f"disk.{disk.level}", extra=figures)
            self._observer.warned(disk)

    def _is_due(self, disk: Disk, now: datetime) -> bool:
        level, at = self._published.get(disk.volume, (DiskLevel.OK, now))
        if disk.level != level:
            return True
        return level is not DiskLevel.OK and (now - at).total_seconds() >= REPEAT_EVERY_SECONDS
