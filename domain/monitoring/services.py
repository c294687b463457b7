"""The use cases of monitoring."""

from dataclasses import dataclass

from domain.monitoring.disk_board import DiskBoard


@dataclass(frozen=True, slots=True)
class MonitoringServices:
    disks: DiskBoard
