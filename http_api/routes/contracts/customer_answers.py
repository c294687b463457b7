"""Contracts as customers and students see them."""

from domain.contracts.customer_self_service import has_signed
from domain.contracts.model import Contract
from domain.contracts.signing.sign_links import SignLink
from domain.contracts.statuses import (
    STATUS_LABELS,
    ContractStatus,
    ContractType,
    OnboardStatus,
    OrderCategory,
    PaymentStatus,
    SignerRole,
    SignerState,
)
from domain.shared.business_day import Day
from domain.shared.model import Instant, Model
from domain.shared.money import YuanOutput
from domain.shared.text import Language


class SignerStatuses(Model):
    customer_signed: bool
    nanny_signed: bool
    customer_signed_at: Instant | None
    nanny_signed_at: Instant | None


class OwnContract(Model):
    """Holds no card numbers, no template values and no sign links."""

    id: str
    version: int
    contract_number: str
    order_category: OrderCategory
    contract_type: ContractType | None
    contract_status: ContractStatus
    contract_status_text: str
    customer_name: str
    customer_phone: str
    worker_name: str | None
    start_date: Day | None
    end_date: Day | None
    worker_salary: YuanOutput | None
    customer_service_fee: YuanOutput | None
    course_amount: YuanOutput | None
    service_fee_amount: YuanOutput | None
    intended_courses: list[str]
    onboard_status: OnboardStatus
    onboard_confirmed_at: Instant | None
    payment_enabled: bool
    payment_status: PaymentStatus
    amount_due: int | None
    """In fen."""
    payment_amount: int | None
    paid_at: Instant | None
    signer_statuses: SignerStatuses
    created_at: Instant

    @classmethod
    def of(cls, contract: Contract, language: Language) -> "OwnContract":
        signed_at = {signer.role: signer.signed_at for signer in contract.signers}
        return cls(
            id=contract.id,
            version=contract.version,
            contract_number=contract.contract_number,
            order_category=contract.order_category,
            contract_type=contract.contract_type,
            contract_status=contract.contract_status,
            contract_status_text=STATUS_LABELS[contract.contract_status].in_language(language),
            customer_name=contract.customer_name,
            customer_phone=contract.customer_phone,
            worker_name=contract.worker_name or None,
            start_date=contract.start_date,
            end_date=contract.end_date,
            worker_salary=contract.worker_salary_fen,
            customer_service_fee=contract.customer_service_fee_fen,
            course_amount=contract.course_amount_fen,
            service_fee_amount=contract.service_fee_amount_fen,
            intended_courses=list(contract.intended_courses),
            onboard_status=contract.onboard_status,
            onboard_confirmed_at=contract.onboard_confirmed_at,
            payment_enabled=contract.payment_enabled,
            payment_status=contract.payment_status,
            amount_due=contract.amount_due_fen if contract.payment_enabled else None,
            payment_amount=contract.payment_amount,
            paid_at=contract.paid_at,
            signer_statuses=SignerStatuses(
                customer_signed=has_signed(contract, SignerRole.CUSTOMER),
                nanny_signed=has_signed(contract, SignerRole.WORKER),
                customer_signed_at=signed_at.get(SignerRole.CUSTOMER),
                nanny_signed_at=signed_at.get(SignerRole.WORKER),
            ),
            created_at=contract.created_at,
        )


class OwnContracts(Model):
    contracts: list[OwnContract]


class SigningUrl(Model):
    signing_url: str | None
    already_signed: bool

    @classmethod
    def of(cls, link: SignLink) -> "SigningUrl":
        return cls(
            signing_url=link.sign_url or None, already_signed=link.state is SignerState.SIGNED and not link.sign_url
        )
