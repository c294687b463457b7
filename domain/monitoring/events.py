"""Events of monitoring. No document stores them; they are published on the bus only."""

from typing import ClassVar

from domain.monitoring.model import Disk
from domain.shared.events import DomainEvent


class DiskMeasured(DomainEvent):
    """The level of a disk has changed, or it is not OK and was measured again. Latest-only, for each disk."""

    type: ClassVar[str] = "monitoring.disk_measured"

    disk: Disk
