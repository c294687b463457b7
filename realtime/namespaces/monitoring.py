"""`/monitoring`: what administrators need to look after, at present disks without space."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from domain.monitoring.disk_board import DiskBoard
from domain.monitoring.events import DiskMeasured
from domain.monitoring.model import Disk, Volume
from domain.services import Services
from domain.shared.authority import StaffAuthority
from domain.shared.events import StreamEntry
from domain.shared.model import Model
from domain.shared.text import Text
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME = "/monitoring"


class DiskProblem(Model):
    machine: str
    volume: Volume
    level: Literal["ok", "low", "full"]
    free_bytes: int
    total_bytes: int

    @classmethod
    def of(cls, disk: Disk) -> "DiskProblem":
        return cls(
            machine=disk.machine,
            volume=disk.volume,
            level=disk.level.value,
            free_bytes=disk.free_bytes,
            total_bytes=disk.total_bytes,
        )


class DiskProblems(Model):
    list: list[DiskProblem]


SNAPSHOT = Push("snapshot", DiskProblems, Text("空间不足的磁盘，最紧急的在前", "Disks without space, the worst first"))
DISKS = Push(
    "disks",
    DiskProblems,
    Text(
        "最新列表；为空表示空间充足。low：低于 10% 或 500 MB；full：停止保存新数据",
        "The newest list; empty when there is enough space. low: below 10 % or 500 MB; full: nothing new is stored",
    ),
    latest_only=True,
)


class MonitoringNamespace(StaffNamespace):
    name = NAME
    permission = "admin:all"
    about = Text("运行状况（管理员）", "The state of the installation, for administrators")
    pushes: ClassVar = (SNAPSHOT, DISKS)

    @classmethod
    def build(cls, context: NamespaceContext, services: Services) -> Self:
        return cls(context, services.monitoring.disks)

    def __init__(self, context: NamespaceContext, disks: DiskBoard) -> None:
        super().__init__(context)
        self._disks = disks
        context.hub.translate(DiskMeasured, self._push)

    async def snapshot(self, authority: StaffAuthority) -> Sequence[Delivery]:
        return [SNAPSHOT.delivery(NAME, ("staff",), self._problems())]

    def newest_snapshot(self, read: Sequence[Delivery]) -> Sequence[Delivery]:
        return [SNAPSHOT.delivery(NAME, ("staff",), self._problems())]

    def latest_values(self) -> Sequence[Delivery]:
        return [DISKS.delivery(NAME, ("staff",), self._problems())]

    def _push(self, entry: StreamEntry) -> Sequence[Delivery]:
        """The feed has told the board of the event before."""
        return [DISKS.delivery(NAME, ("staff",), self._problems(), entry)]

    def _problems(self) -> DiskProblems:
        return DiskProblems(list=[DiskProblem.of(disk) for disk in self._disks.problems()])
