"""The `/contracts` namespace: live changes of contracts within each staff member's data scope."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

from pydantic import Field

from domain.contracts.board.card import ContractCard
from domain.contracts.board.filter import ContractFilter
from domain.contracts.board.projection import BoardProjection
from domain.contracts.events import ContractChanged, ContractEvent, ContractStatusChanged
from domain.contracts.history import Cause
from domain.contracts.roles import contract_scope
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.services import Services
from domain.shared.actor import ActorRef
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day
from domain.shared.events import StreamEntry
from domain.shared.model import Instant, Model
from domain.shared.scope import Scope
from domain.shared.text import Text
from domain.tasks.events import TaskFinished
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME = "/contracts"
NEWEST: Final = 50
UNRESTRICTED_ROOM: Final = "all"
"""The room of staff members whose data scope is every contract."""


class ContractsSnapshot(Model):
    counts: dict[ContractStatus, int]
    service_expired: int
    newest: list[ContractCard]
    """The newest fifty, newest first."""
    at: Instant


class ContractStatusPush(Model):
    """A status transition. `id` identifies the transition; `version` is the contract's and only increases."""

    id: str
    contract_id: str
    contract_number: str
    from_status: ContractStatus = Field(alias="from")
    to_status: ContractStatus = Field(alias="to")
    cause: Cause
    cancel_reason: CancelReason | None
    note: str
    customer_name: str
    worker_name: str
    owner_id: str
    actor: ActorRef
    version: int
    at: Instant
    card: ContractCard


class ContractChangedPush(Model):
    """Any other change that a board shows. `formerOwnerId` is set when the contract was assigned to another owner."""

    id: str
    contract_id: str
    cause: Cause
    note: str
    owner_id: str
    former_owner_id: str
    actor: ActorRef
    version: int
    at: Instant
    card: ContractCard


class TaskFinishedPush(Model):
    """Sent to the staff member who asked; the outcome is at the address that the request was answered with."""

    task_id: str
    kind: str
    contract_id: str
    failed: bool


SNAPSHOT = Push(
    "snapshot", ContractsSnapshot, Text("各状态数量与最新合同", "Counts by status and the newest contracts")
)
CONTRACT_STATUS = Push(
    "contractStatus",
    ContractStatusPush,
    Text("合同状态变化：from → to", "A contract took a step: from → to"),
    must_arrive=True,
)
CONTRACT_CHANGED = Push(
    "contractChanged",
    ContractChangedPush,
    Text("合同的其他变化：新建、修改、归属、签署进度", "Any other change: created, edited, assigned, a signer acted"),
    must_arrive=True,
)
TASK_FINISHED = Push(
    "taskFinished",
    TaskFinishedPush,
    Text(
        "本人的请求已处理完成（签署链接、预览、下载）", "A request of yours is finished: sign links, preview, download"
    ),
    must_arrive=True,
)


class ContractsNamespace(StaffNamespace):
    name = NAME
    permission = "contract:view"
    about = Text("合同看板（按数据范围）", "The contract board, within your data scope")
    pushes: ClassVar = (SNAPSHOT, CONTRACT_STATUS, CONTRACT_CHANGED, TASK_FINISHED)

    @classmethod
    def build(cls, context: NamespaceContext, services: Services) -> Self:
        return cls(context, services.contracts.projection)

    def __init__(self, context: NamespaceContext, projection: BoardProjection) -> None:
        super().__init__(context)
        self._projection = projection
        self._board = projection.board
        context.hub.translate(ContractStatusChanged, contract_status)
        context.hub.translate(ContractChanged, contract_changed)
        context.hub.translate(TaskFinished, task_finished)

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        scope = contract_scope(authority)
        of_scope = {UNRESTRICTED_ROOM} if scope.people is None else map(owner_room, scope.people)
        return frozenset({*of_scope, own_room(authority.id)})

    async def snapshot(self, authority: StaffAuthority) -> Sequence[Delivery]:
        await self._projection.require_loaded()
        return [SNAPSHOT.delivery(NAME, (), self._snapshot(contract_scope(authority)))]

    def _snapshot(self, scope: Scope) -> ContractsSnapshot:
        now = self._context.clock.now()
        today = business_day(now)
        wanted = ContractFilter(scope=scope)
        return ContractsSnapshot(
            counts=self._board.counts(scope),
            service_expired=self._board.expired_services(scope, today),
            newest=self._board.newest(wanted, today, NEWEST),
            at=now,
        )


def owner_room(staff_id: str) -> str:
    return f"owner:{staff_id}"


def own_room(staff_id: str) -> str:
    """The room of pushes for this staff member alone, about any contract."""
    return f"staff:{staff_id}"


def contract_status(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, ContractStatusChanged):
        return ()
    card = event.card
    payload = ContractStatusPush(
        **_common_fields(event),
        contract_number=card.contract_number,
        from_status=event.from_status,
        to_status=event.to_status,
        cancel_reason=card.cancel_reason,
        customer_name=card.customer_name,
        worker_name=card.worker_name,
    )
    return [CONTRACT_STATUS.delivery(NAME, _rooms(card.owner_id), payload, entry)]


def contract_changed(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, ContractChanged):
        return ()
    payload = ContractChangedPush(**_common_fields(event), former_owner_id=event.former_owner_id)
    rooms = _rooms(event.card.owner_id)
    if event.former_owner_id:
        rooms = (*rooms, owner_room(event.former_owner_id))
    return [CONTRACT_CHANGED.delivery(NAME, rooms, payload, entry)]


def task_finished(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, TaskFinished) or event.owner_kind != "staff" or not event.kind.startswith("contract."):
        return ()
    payload = TaskFinishedPush(task_id=event.task_id, kind=event.kind, contract_id=event.subject, failed=event.failed)
    return [TASK_FINISHED.delivery(NAME, (own_room(event.owner_id),), payload, entry)]


def _common_fields(event: ContractEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "contract_id": event.card.id,
        "cause": event.cause,
        "note": event.note,
        "owner_id": event.card.owner_id,
        "actor": event.actor,
        "version": event.card.version,
        "at": event.at,
        "card": event.card,
    }


def _rooms(owner_id: str) -> tuple[str, ...]:
    return UNRESTRICTED_ROOM, owner_room(owner_id)
