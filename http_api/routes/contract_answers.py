"""How contracts look in answers: today's fields, amounts in yuan, personal numbers masked until they are revealed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self, cast

from pydantic import Field

from domain.contracts.days import Day
from domain.contracts.deletion import Approval
from domain.contracts.history import CAUSE_LABELS, Cause, HistoryEntry
from domain.contracts.links import SignLink
from domain.contracts.model import Contract
from domain.contracts.reading import WorkerSpell
from domain.contracts.signing import By, ClosureKind, Signer
from domain.contracts.statuses import (
    CANCEL_LABELS,
    ROLE_LABELS,
    SIGNER_LABELS,
    STATUS_LABELS,
    CancelReason,
    ContractStatus,
    ContractType,
    OnboardStatus,
    OrderCategory,
    PaymentStatus,
    SignerRole,
    SignerState,
    SyncStatus,
)
from domain.contracts.terms import TemplateValue
from domain.shared.masking import mask_id, mask_phone
from domain.shared.model import Instant, Model
from domain.shared.money import YuanShown
from domain.shared.text import Language, Text

_YUAN = (
    *("worker_salary", "customer_service_fee", "worker_service_fee", "deposit", "final_payment"),
    *("course_amount", "service_fee_amount", "refund_amount"),
)


class PersonAnswer(Model):
    """Where today's clients expect an expanded reference."""

    document_id: str = Field(alias="_id")
    name: str
    phone: str | None = None


class ContractAnswer(Model):
    """`version` grows with every change; send it back with an edit."""

    document_id: str = Field(alias="_id")
    id: str
    version: int
    contract_number: str
    order_category: OrderCategory
    contract_type: ContractType | None
    contract_status: ContractStatus
    contract_status_text: str
    cancel_reason: CancelReason | None
    cancel_reason_text: str | None
    cancel_note: str | None
    customer_name: str
    customer_phone: str
    customer_id_card: str | None
    customer_address: str | None
    customer_id: PersonAnswer | None
    worker_name: str | None
    worker_phone: str | None
    worker_id_card: str | None
    worker_address: str | None
    worker_id: PersonAnswer | None
    start_date: Day | None
    end_date: Day | None
    worker_salary: YuanShown | None
    customer_service_fee: YuanShown | None
    worker_service_fee: YuanShown | None
    deposit: YuanShown | None
    final_payment: YuanShown | None
    expected_delivery_date: Day | None
    salary_payment_day: int | None
    monthly_work_days: int | None
    remarks: str | None
    created_by: PersonAnswer
    creator_name: str
    is_latest: bool
    course_amount: YuanShown | None
    service_fee_amount: YuanShown | None
    intended_courses: list[str]
    consult_position: str | None
    esign_contract_no: str | None
    esign_status: str | None
    esign_status_text: str | None
    esign_created_at: Instant | None
    esign_signed_at: Instant | None
    esign_template_no: str | None
    closure: ClosureKind | None
    """Asked for, and not yet done by the provider."""
    signed_count: int
    signer_count: int
    replaces_contract_id: str | None
    replaced_by_contract_id: str | None
    renews_contract_id: str | None
    renewed_by_contract_id: str | None
    change_date: Day | None
    service_days: int | None
    service_expired: bool
    onboard_status: OnboardStatus
    onboard_confirmed_at: Instant | None
    payment_enabled: bool
    payment_status: PaymentStatus
    payment_amount: int | None
    """In fen."""
    paid_at: Instant | None
    graduated_at: Instant | None
    refunded_at: Instant | None
    refund_amount: YuanShown | None
    insurance_sync_status: SyncStatus | None
    insurance_sync_pending: bool
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, contract: Contract, names: Mapping[str, str], today: date, language: Language, **more: Any) -> Self:
        shared = {name for name in cls.model_fields if name in type(contract).model_fields}
        fields: dict[str, Any] = {name: _absent(getattr(contract, name)) for name in shared}
        fields |= {name: getattr(contract, f"{name}_fen") for name in _YUAN}
        owner = names.get(contract.created_by, "")
        reason = contract.cancel_reason
        fields |= {
            "document_id": contract.id,
            "contract_status_text": STATUS_LABELS[contract.contract_status].in_language(language),
            "cancel_reason_text": CANCEL_LABELS[reason].in_language(language) if reason else None,
            "customer_phone": _phone(contract.customer_phone),
            "customer_id_card": mask_id(contract.customer_id_card) if contract.customer_id_card else None,
            "worker_phone": _phone(contract.worker_phone) or None,
            "worker_id_card": mask_id(contract.worker_id_card) if contract.worker_id_card else None,
            "customer_id": _person(contract.customer_id, contract.customer_name, contract.customer_phone),
            "worker_id": _person(contract.worker_id, contract.worker_name, contract.worker_phone),
            "created_by": PersonAnswer(document_id=contract.created_by, name=owner),
            "creator_name": owner,
            "intended_courses": list(contract.intended_courses),
            "esign_status_text": _esign_text(contract, language),
            "closure": contract.closure.kind if contract.closure else None,
            "signed_count": contract.signed_count(),
            "signer_count": len(contract.signers),
            "service_expired": contract.is_service_expired(today),
        }
        return cast(Self, cls.model_construct(**{**fields, **more}))


class SignerAnswer(Model):
    """Today's fields beside ours."""

    account: str
    name: str
    role: SignerRole
    role_text: str
    phone: str | None
    sign_order: int
    auto: bool
    state: SignerState
    sign_status_text: str
    sign_time: Instant | None
    is_signed: bool
    is_pending: bool
    is_rejected: bool

    @classmethod
    def of(cls, signer: Signer, language: Language) -> "SignerAnswer":
        return cls(
            account=signer.account,
            name=signer.name,
            role=signer.role,
            role_text=ROLE_LABELS[signer.role].in_language(language),
            phone=_phone(signer.phone) or None,
            sign_order=signer.sign_order,
            auto=signer.auto,
            state=signer.state,
            sign_status_text=SIGNER_LABELS[signer.state].in_language(language),
            sign_time=signer.signed_at,
            is_signed=signer.state is SignerState.SIGNED,
            is_pending=signer.state in (SignerState.WAITING, SignerState.SIGNING),
            is_rejected=signer.state is SignerState.REJECTED,
        )


class HistoryAnswer(Model):
    at: Instant
    cause: Cause
    cause_text: str
    by: By
    from_status: ContractStatus | None
    to_status: ContractStatus | None
    note: str

    @classmethod
    def of(cls, entry: HistoryEntry, language: Language) -> "HistoryAnswer":
        return cls(**dict(entry), cause_text=CAUSE_LABELS[entry.cause].in_language(language))


class AttemptAnswer(Model):
    number: int
    sent: bool
    failures: int
    problem: str | None
    requested_at: Instant
    requested_by: By


class ClosureAnswer(Model):
    kind: ClosureKind
    reason: str
    requested_by: By
    requested_at: Instant
    accepted: bool
    problem: str | None


class DeletionAnswer(Model):
    id: str
    reason: str
    requested_by: By
    requested_at: Instant


class ContractDetail(ContractAnswer):
    template_params: dict[str, TemplateValue]
    signers: list[SignerAnswer]
    history: list[HistoryAnswer]
    """Newest first."""
    attempt: AttemptAnswer | None
    pending_closure: ClosureAnswer | None
    pending_deletion: DeletionAnswer | None
    missing_to_sign: list[str]
    """Fields without which signing cannot begin."""

    @classmethod
    def of_one(cls, contract: Contract, names: Mapping[str, str], today: date, language: Language) -> Self:
        attempt, closure, deletion = contract.esign_attempt, contract.closure, contract.pending_deletion
        return cls.of(
            contract,
            names,
            today,
            language,
            signers=[SignerAnswer.of(signer, language) for signer in contract.signers],
            history=[HistoryAnswer.of(entry, language) for entry in reversed(contract.history)],
            attempt=AttemptAnswer(**_common(AttemptAnswer, attempt)) if attempt else None,
            pending_closure=ClosureAnswer(**_common(ClosureAnswer, closure)) if closure else None,
            pending_deletion=DeletionAnswer(**_common(DeletionAnswer, deletion)) if deletion else None,
            missing_to_sign=contract.missing_to_sign(),
            template_params=contract.template_params,
        )


class LinkAnswer(Model):
    role: SignerRole
    role_text: str
    name: str
    mobile: str
    account: str
    sign_order: int
    state: SignerState
    sign_url: str | None

    @classmethod
    def of(cls, link: SignLink, language: Language) -> "LinkAnswer":
        return cls(
            role=link.role,
            role_text=ROLE_LABELS[link.role].in_language(language),
            name=link.name,
            mobile=_phone(link.phone),
            account=link.account,
            sign_order=link.sign_order,
            state=link.state,
            sign_url=link.sign_url or None,
        )


class SpellAnswer(Model):
    contract_id: str
    order: int
    contract_number: str
    worker_name: str
    worker_phone: str
    worker_salary: YuanShown | None
    start_date: Day | None
    end_date: Day | None
    actual_end_date: Day | None
    service_days: int
    status: str
    termination_date: Day | None
    termination_reason: str | None
    esign_status: str | None
    is_latest: bool

    @classmethod
    def of(cls, spell: WorkerSpell) -> "SpellAnswer":
        contract = spell.contract
        return cls(
            contract_id=contract.id,
            order=spell.order,
            contract_number=contract.contract_number,
            worker_name=contract.worker_name,
            worker_phone=_phone(contract.worker_phone),
            worker_salary=contract.worker_salary_fen,
            start_date=contract.start_date,
            end_date=contract.end_date,
            actual_end_date=spell.actual_end_date,
            service_days=spell.service_days,
            status="replaced" if spell.is_replaced else "active",
            termination_date=spell.actual_end_date if spell.is_replaced else None,
            termination_reason="换人" if spell.is_replaced else None,
            esign_status=contract.esign_status or None,
            is_latest=contract.is_latest,
        )


class ApprovalAnswer(Model):
    document_id: str = Field(alias="_id")
    id: str
    contract_id: str
    contract_number: str
    requested_by: str
    requested_by_name: str
    reason: str
    status: str
    approved_by: str | None
    approved_by_name: str | None
    approval_comment: str | None
    approved_at: Instant | None
    created_at: Instant

    @classmethod
    def of(cls, approval: Approval) -> "ApprovalAnswer":
        request = approval.request
        return cls(
            document_id=approval.id,
            id=approval.id,
            contract_id=approval.contract_id,
            contract_number=approval.contract_number,
            requested_by=request.requested_by.id,
            requested_by_name=request.requested_by.name,
            reason=request.reason,
            status=request.status,
            approved_by=request.decided_by.id if request.decided_by else None,
            approved_by_name=request.decided_by.name if request.decided_by else None,
            approval_comment=request.comment or None,
            approved_at=request.decided_at,
            created_at=request.requested_at,
        )


_ESIGN_TEXTS = {
    "0": Text("等待签约", "Waiting"),
    "1": Text("签约中", "Signing"),
    "2": Text("已签约", "Signed"),
    "3": Text("过期", "Expired"),
    "4": Text("拒签", "Refused"),
    "6": Text("作废", "Voided"),
    "7": Text("撤销", "Withdrawn"),
    "-2": Text("状态异常", "Abnormal"),
    "-3": Text("失败", "Failed"),
}


def _esign_text(contract: Contract, language: Language) -> str | None:
    text = _ESIGN_TEXTS.get(contract.esign_status)
    return text.in_language(language) if text else None


def _phone(phone: str) -> str:
    return mask_phone(phone) if phone else ""


def _person(document_id: str, name: str, phone: str) -> PersonAnswer | None:
    return PersonAnswer(document_id=document_id, name=name, phone=_phone(phone) or None) if document_id else None


def _absent(value: Any) -> Any:
    return None if value == "" else value


def _common(answer: type[Model], model: Model) -> dict[str, Any]:
    return {name: _absent(getattr(model, name)) for name in answer.model_fields if hasattr(model, name)}
