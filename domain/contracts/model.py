"""A contract (合同): its terms, and everything that has happened to it.

`contract_status` changes in one place only, `lifecycle.transition`.
"""

from datetime import date, datetime
from typing import Any, Final, Self

from pydantic import Field

from domain.contracts.deletion.model import DeletionRequest
from domain.contracts.history import Cause, History, HistoryEntry, extended
from domain.contracts.signing.model import PendingClosure, Signers, SigningAttempt
from domain.contracts.statuses import (
    CancelReason,
    ContractStatus,
    OnboardStatus,
    PaymentStatus,
    SyncStatus,
)
from domain.contracts.terms import ContractTerms
from domain.shared.actor import ActorRef
from domain.shared.business_day import Day
from domain.shared.entity import Entity
from domain.shared.model import Instant, Model
from domain.shared.money import Fen

TERMINAL: Final = frozenset({ContractStatus.REPLACED, ContractStatus.GRADUATED, ContractStatus.REFUNDED})
OPEN: Final = frozenset({ContractStatus.DRAFT, ContractStatus.SIGNING, ContractStatus.SIGNED, ContractStatus.ACTIVE})
"""A customer with one of these has a contract, or is about to."""


class SignedSnapshot(Model):
    """What was on the paper when the last party signed. Nothing changes it."""

    terms: ContractTerms
    signers: Signers
    contract_no: str
    completed_at: Instant


class Contract(ContractTerms, Entity):
    contract_number: str
    contract_status: ContractStatus = ContractStatus.DRAFT
    created_by: str
    """The owner (归属人): whose contract it is among staff."""
    last_updated_by: str = ""
    is_latest: bool = True
    cancel_reason: CancelReason | None = None
    cancel_note: str = ""
    activated_at: Instant | None = None
    signed_snapshot: SignedSnapshot | None = None

    replaces_contract_id: str = ""
    replaced_by_contract_id: str = ""
    renews_contract_id: str = ""
    renewed_by_contract_id: str = ""
    change_date: Day | None = None
    service_days: int | None = None

    onboard_status: OnboardStatus = OnboardStatus.NOT_STARTED
    onboard_confirmed_at: Instant | None = None
    onboard_confirmed_by: str = ""
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    payment_amount: Fen | None = None
    """In fen, as it has always been called."""
    paid_at: Instant | None = None
    sqb_sn: str = ""
    graduated_at: Instant | None = None
    refunded_at: Instant | None = None
    refund_amount_fen: Fen | None = None

    esign_contract_no: str = ""
    esign_status: str = ""
    """The provider's own code, as it was last seen."""
    esign_created_at: Instant | None = None
    esign_signed_at: Instant | None = None
    esign_attempt: SigningAttempt | None = None
    signers: Signers = ()
    closure: PendingClosure | None = None
    esign_next_poll_at: Instant | None = None
    """When the provider is asked next, should it not tell by itself."""
    esign_polls: int = 0

    insurance_sync_pending: bool = False
    insurance_sync_status: SyncStatus | None = None
    insurance_sync_error: str = ""
    insurance_synced_at: Instant | None = None
    last_profile_synced_at: Instant | None = None
    last_profile_sync_source: str = ""

    reminded: tuple[int, ...] = ()
    """Days before the end at which the customer was reminded."""
    service_expired_at: Instant | None = None

    deletion_requests: tuple[DeletionRequest, ...] = ()
    deleted_at: Instant | None = None
    idempotency_key: str = ""
    request_digest: str = ""
    history: History = Field(default=(), max_length=1000)
    additional_order: bool = False
    """Made on purpose beside another contract of this customer (一客两单), or following one."""
    edited_version: int = 0
    """The version that the last remembered change gave. Whoever read the contract since has read what matters; that the
    provider was asked in between does not."""
    created_at: Instant
    updated_at: Instant

    @property
    def attempt_number(self) -> int:
        return self.esign_attempt.number if self.esign_attempt else 0

    @property
    def is_terminal(self) -> bool:
        return self.contract_status in TERMINAL

    @property
    def is_complete(self) -> bool:
        """Everybody has signed, whatever came afterwards."""
        return self.signed_snapshot is not None

    @property
    def pending_deletion(self) -> DeletionRequest | None:
        return next((request for request in self.deletion_requests if request.status == "pending"), None)

    def signed_count(self) -> int:
        return sum(signer.signed_at is not None or signer.state == "signed" for signer in self.signers)

    def is_service_expired(self, today: date) -> bool:
        """Past its last day and still in force: somebody has to end or renew it."""
        return self.contract_status is ContractStatus.ACTIVE and self.end_date is not None and self.end_date < today

    def changed(self, now: datetime, cause: Cause, by: ActorRef, note: str = "", **fields: Any) -> Self:
        """With other fields than the status changed, and that remembered."""
        entry = HistoryEntry(at=now, cause=cause, by=by, note=note)
        return self.with_fields(updated_at=now, history=extended(self.history, entry), **fields)

    def with_fields(self, **fields: Any) -> Self:
        """With what is not worth remembering: when to ask the provider next, and the like."""
        return self.model_copy(update=fields)

    def with_deletion_request(self, request: DeletionRequest) -> tuple[DeletionRequest, ...]:
        """The requests, with this one new or changed."""
        others = tuple(known for known in self.deletion_requests if known.id != request.id)
        return (*others, request)
