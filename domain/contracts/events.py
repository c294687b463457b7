"""Events of the contracts area.

`ContractStatusChanged` (every status transition) and `ContractChanged` (every other change that a list or a board
shows) carry the contract's card. The *side effects* (`ContractSideEffect`) request work in other areas; each has a key
that is the same each time the same work is requested.
"""

from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.contracts.board.card import ContractCard
from domain.contracts.deletion.model import DeletionApproval
from domain.contracts.history import Cause
from domain.contracts.statuses import ContractStatus
from domain.shared.actor import ActorRef
from domain.shared.events import DomainEvent
from domain.shared.model import Instant

StaffNoticeKind = Literal[
    "CONTRACT_CREATED",
    "CONTRACT_PARTY_SIGNED",
    "CONTRACT_SIGNED",
    "CONTRACT_CANCELLED",
    "CONTRACT_APPROVAL_REQUESTED",
    "CONTRACT_APPROVAL_WAITING",
    "CONTRACT_APPROVAL_APPROVED",
    "CONTRACT_APPROVAL_REJECTED",
    "CONTRACT_EXPIRING_SOON",
]


class ContractEvent(DomainEvent):
    """`card` shows the contract right after the change."""

    card: ContractCard
    actor: ActorRef
    cause: Cause
    note: str = ""


class ContractStatusChanged(ContractEvent):
    type: ClassVar[str] = "contract.status"

    from_status: ContractStatus
    to_status: ContractStatus
    new_worker: str = ""
    """The name of the worker who comes instead, when a successor has replaced the contract."""

    @property
    def is_signing_completed(self) -> bool:
        """All parties have signed."""
        signed = self.to_status in (ContractStatus.SIGNED, ContractStatus.ACTIVE)
        return self.from_status is ContractStatus.SIGNING and signed


class ContractChanged(ContractEvent):
    """A change that kept the status."""

    type: ClassVar[str] = "contract.changed"

    former_owner_id: str = ""
    """Set when the contract was assigned to another staff member."""


class DeletionApprovalChanged(DomainEvent):
    """A deletion request was made or decided. The list of deletion approvals follows it."""

    type: ClassVar[str] = "contract.approval"
    published: ClassVar[bool] = False

    approval: DeletionApproval


class ContractSideEffect(DomainEvent):
    """Base of all side effects: work that another area must do because a contract changed.

    `key` is the same each time the same work is requested; a follower that has handled the key does nothing.
    """

    delivered_before_publishing: ClassVar[bool] = False

    key: str
    contract_id: str
    contract_number: str


class StaffNoticeDue(ContractSideEffect):
    """Staff members must get a notification (站内通知)."""

    type: ClassVar[str] = "contract.staff_notice"

    kind: StaffNoticeKind
    to_staff: tuple[str, ...] = ()
    to_admins: bool = False
    owner_id: str = ""
    """The staff member whom the contract belongs to."""
    values: dict[str, Any] = Field(default_factory=dict)
    """Values for the text of the notification; without phone and card numbers."""


class InboxMessageDue(ContractSideEffect):
    """The customer must get a message in the mini-program's inbox. Its sender reads the phone from the contract."""

    type: ClassVar[str] = "contract.inbox_message"

    kind: Literal[
        "contract_invite",
        "contract_signed",
        "contract_cancelled",
        "contract_expiring",
        "nanny_confirmed",
        "payment_done",
    ]
    values: dict[str, Any] = Field(default_factory=dict)


class CustomerFollowUpDue(ContractSideEffect):
    """The customer's record must show the new stage."""

    type: ClassVar[str] = "contract.customer_follow_up"

    customer_id: str
    stage: Literal["signing", "signed", "released"]
    """`released`: without another open contract the customer becomes a lead again."""


class WorkerFollowUpDue(ContractSideEffect):
    """The worker's record and calendar must show the new stage."""

    type: ClassVar[str] = "contract.worker_follow_up"

    worker_id: str
    stage: Literal["reserved", "on-service", "released"]
    """`released`: unless another contract in force still binds the worker."""
    since: Instant | None = None
    until: Instant | None = None


class InsuranceSyncDue(ContractSideEffect):
    """The worker's insurance policies must be synchronised with the contract."""

    type: ClassVar[str] = "contract.insurance_sync"

    policy: Literal["bind", "amend"]
    """`bind`: link the worker's existing policies to this contract. `amend` (批改换人): transfer the policies of the
    predecessor to this worker."""
    predecessor_id: str = ""
