"""The contract entity (合同): its terms, its state and its history.

Only `lifecycle.transition` changes `contract_status`.
"""

from datetime import date, datetime
from typing import Any, Final, Self

from pydantic import Field

from domain.contracts.deletion.model import DeletionApproval, DeletionRequest
from domain.contracts.history import Cause, History, HistoryEntry, shown_note, with_entry
from domain.contracts.signing.model import (
    PendingClosure,
    Signers,
    SigningAttempt,
    asked_to_void,
    without_the_unsigned,
)
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
from domain.shared.text import Language, Text

TERMINAL_STATUSES: Final = frozenset({ContractStatus.REPLACED, ContractStatus.GRADUATED, ContractStatus.REFUNDED})
OPEN_STATUSES: Final = frozenset(
    {ContractStatus.DRAFT, ContractStatus.SIGNING, ContractStatus.SIGNED, ContractStatus.ACTIVE}
)
"""A customer who has a contract with one of these statuses gets no second one by mistake."""


class SignedSnapshot(Model):
    """The terms and signers at the time when the last party signed. Immutable."""

    terms: ContractTerms
    signers: Signers
    contract_no: str
    completed_at: Instant


class Contract(ContractTerms, Entity):
    contract_number: str
    contract_status: ContractStatus = ContractStatus.DRAFT
    created_by: str
    """The owner (归属人): the staff member responsible for the contract."""
    last_updated_by: str = ""
    is_latest: bool = True
    cancel_reason: CancelReason | None = None
    cancel_note: str = ""
    cancel_note_en: str = ""
    """In English when the system notes it; see `HistoryEntry`."""
    activated_at: Instant | None = None
    signed_snapshot: SignedSnapshot | None = None

    replaces_contract_id: str = ""
    replaced_by_contract_id: str = ""
    replaced_by_worker: str = ""
    """The name of the worker of that contract."""
    renews_contract_id: str = ""
    renewed_by_contract_id: str = ""
    change_date: Day | None = None
    service_days: int | None = None

    onboard_status: OnboardStatus = OnboardStatus.NOT_STARTED
    onboard_confirmed_at: Instant | None = None
    onboard_confirmed_by: str = ""
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    payment_amount: Fen | None = None
    """In fen; the name without a unit is that of the stored field."""
    paid_at: Instant | None = None
    sqb_sn: str = ""
    graduated_at: Instant | None = None
    refunded_at: Instant | None = None
    refund_amount_fen: Fen | None = None

    esign_contract_no: str = ""
    esign_status: str = ""
    """The last status code that the provider returned."""
    esign_created_at: Instant | None = None
    esign_signed_at: Instant | None = None
    esign_attempt: SigningAttempt | None = None
    signers: Signers = ()
    closure: PendingClosure | None = None
    esign_next_poll_at: Instant | None = None
    """When to query the provider next if no callback arrives before."""
    esign_polls: int = 0

    insurance_sync_pending: bool = False
    insurance_sync_status: SyncStatus | None = None
    insurance_sync_error: str = ""
    insurance_synced_at: Instant | None = None
    last_profile_synced_at: Instant | None = None
    last_profile_sync_source: str = ""

    reminded: tuple[int, ...] = ()
    """The thresholds (days before the end) at which the customer has been reminded."""
    service_expired_at: Instant | None = None

    deletion_requests: tuple[DeletionRequest, ...] = ()
    deleted_at: Instant | None = None
    idempotency_key: str = ""
    request_digest: str = ""
    history: History = Field(default=(), max_length=1000)
    additional_order: bool = False
    """Created on purpose beside another contract of the customer (一客两单), or as its successor."""
    edited_version: int = 0
    """The version that the last change with a history entry produced. A client that read the contract at this version
    or later may edit it: the changes since are technical, such as the time of the next query."""
    created_at: Instant
    updated_at: Instant

    @property
    def attempt_number(self) -> int:
        return self.esign_attempt.number if self.esign_attempt else 0

    @property
    def is_sent(self) -> bool:
        """The provider has the contract of the current signing attempt and all of its signers."""
        return self.esign_attempt is not None and self.esign_attempt.sent

    @property
    def is_closing(self) -> bool:
        """A withdrawal or voiding was requested, and the provider has not refused it."""
        return self.closure is not None and not self.closure.problem

    @property
    def is_terminal(self) -> bool:
        return self.contract_status in TERMINAL_STATUSES

    @property
    def is_complete(self) -> bool:
        """All parties have signed, whatever happened afterwards."""
        return self.signed_snapshot is not None

    @property
    def pending_deletion(self) -> DeletionRequest | None:
        return next((request for request in self.deletion_requests if request.status == "pending"), None)

    @property
    def progress(self) -> Signers:
        """The signers of the running process: of a voiding while the parties are asked to sign it, otherwise of the
        contract itself."""
        if self.contract_status is ContractStatus.CANCELLED:
            return without_the_unsigned(self.signers)
        if self.closure is not None and self.closure.is_running_void:
            return self.closure.signers or asked_to_void(self.signers)
        return self.signers

    def cancel_note_text(self, language: Language) -> str:
        return shown_note(self.cancel_note, self.cancel_note_en, language)

    def signed_count(self) -> int:
        return sum(signer.signed_at is not None or signer.state == "signed" for signer in self.progress)

    def is_service_expired(self, today: date) -> bool:
        """The contract is past its last day and still in force; staff must end or renew it."""
        return self.contract_status is ContractStatus.ACTIVE and self.end_date is not None and self.end_date < today

    def changed(self, now: datetime, cause: Cause, by: ActorRef, note: str | Text = "", **fields: Any) -> Self:
        """The contract with changed fields (not the status) and a history entry about it."""
        entry = HistoryEntry.noting(note, at=now, cause=cause, by=by)
        return self.with_fields(updated_at=now, history=with_entry(self.history, entry), **fields)

    def with_fields(self, **fields: Any) -> Self:
        """The contract with changed fields and no history entry, for technical changes such as the next query time."""
        return self.model_copy(update=fields)

    def deletion_approval(self, request: DeletionRequest) -> DeletionApproval:
        """The request as the list of approvals shows it."""
        return DeletionApproval(
            id=request.id, contract_id=self.id, contract_number=self.contract_number, request=request
        )

    def with_deletion_request(self, request: DeletionRequest) -> tuple[DeletionRequest, ...]:
        """All requests, with this one added or replaced."""
        others = tuple(known for known in self.deletion_requests if known.id != request.id)
        return (*others, request)
