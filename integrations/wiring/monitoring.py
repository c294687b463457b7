"""The monitoring area: disks without space, for administrators."""

import os
import socket

from domain.monitoring.disk_board import DiskBoard
from domain.monitoring.disk_watch import DiskWatch
from domain.monitoring.services import MonitoringServices
from integrations.disk_space import MachineDisks
from integrations.metrics import DiskMetrics
from integrations.settings import LogSettings
from integrations.wiring.area import Area
from integrations.wiring.infrastructure import Infrastructure


def wire_monitoring(base: Infrastructure, logs: LogSettings) -> Area[MonitoringServices]:
    disks = MachineDisks(socket.gethostname(), base.data_disk, logs.dir)
    watch = DiskWatch(disks, base.bus, DiskMetrics(base.registry), base.clock, base.ids)
    board = DiskBoard(base.clock)
    return Area(
        name="monitoring",
        services=MonitoringServices(board),
        projections=(board,),
        background=watch.background if _is_first_of_machine() else (),
    )


def _is_first_of_machine() -> bool:
    """App processes of one machine share its disks: one of them measures."""
    return os.environ.get("WORKER_INDEX", "0") == "0"
