"""The card of a contract: the fields that lists and boards filter, count and show; without phone and card numbers."""

from datetime import date

from domain.contracts.model import Contract
from domain.contracts.signing.model import ClosureKind
from domain.contracts.statuses import (
    CancelReason,
    ContractStatus,
    ContractType,
    OnboardStatus,
    OrderCategory,
    SignerRole,
    SignerState,
)
from domain.shared.business_day import Day
from domain.shared.model import Instant, Model
from domain.shared.money import Fen


class SignerProgress(Model):
    role: SignerRole
    name: str
    state: SignerState
    auto: bool = False
    signed_at: Instant | None = None


class ContractCard(Model):
    id: str
    version: int
    contract_number: str
    order_category: OrderCategory
    contract_type: ContractType | None = None
    contract_status: ContractStatus
    cancel_reason: CancelReason | None = None
    cancel_note: str = ""
    cancel_note_en: str = ""
    customer_name: str
    worker_name: str = ""
    owner_id: str
    is_latest: bool
    start_date: Day | None = None
    end_date: Day | None = None
    worker_salary_fen: Fen | None = None
    fee_fen: Fen | None = None
    """The amount that the customer or student pays the agency."""
    signers: tuple[SignerProgress, ...] = ()
    """Of the running process: during a voiding, who has signed the voiding."""
    closure: ClosureKind | None = None
    """Requested by staff, and not yet confirmed by the provider."""
    onboard_status: OnboardStatus = OnboardStatus.NOT_STARTED
    replaces_contract_id: str = ""
    is_deleted: bool = False
    created_at: Instant
    updated_at: Instant

    def is_service_expired(self, today: date) -> bool:
        return self.contract_status is ContractStatus.ACTIVE and self.end_date is not None and self.end_date < today


def card_of(contract: Contract, version: int | None = None) -> ContractCard:
    """`version`: the version that the contract will be stored with, when the save has not happened yet."""
    return ContractCard(
        id=contract.id,
        version=contract.version if version is None else version,
        contract_number=contract.contract_number,
        order_category=contract.order_category,
        contract_type=contract.contract_type,
        contract_status=contract.contract_status,
        cancel_reason=contract.cancel_reason,
        cancel_note=contract.cancel_note,
        cancel_note_en=contract.cancel_note_en,
        customer_name=contract.customer_name,
        worker_name=contract.worker_name,
        owner_id=contract.created_by,
        is_latest=contract.is_latest,
        start_date=contract.start_date,
        end_date=contract.end_date,
        worker_salary_fen=contract.worker_salary_fen,
        fee_fen=contract.amount_due_fen,
        signers=tuple(
            SignerProgress(role=s.role, name=s.name, state=s.state, auto=s.auto, signed_at=s.signed_at)
            for s in contract.progress
        ),
        closure=contract.closure.kind if contract.closure else None,
        onboard_status=contract.onboard_status,
        replaces_contract_id=contract.replaces_contract_id,
        is_deleted=contract.deleted_at is not None,
        created_at=contract.created_at,
        updated_at=contract.updated_at,
    )
