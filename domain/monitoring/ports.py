"""Ports of the monitoring area."""

from collections.abc import Sequence
from typing import Protocol

from domain.monitoring.model import Disk


class Disks(Protocol):
    async def measure(self) -> Sequence[Disk]:
        """The disks of this machine that the product writes to, without those of external stores."""


class DiskObserver(Protocol):
    def measured(self, disk: Disk) -> None: ...

    def warned(self, disk: Disk) -> None:
        """The disk has become low or full."""
