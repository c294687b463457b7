"""Contracts as responses show them: the fields of legacy clients, amounts in yuan, personal numbers masked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self, cast

from pydantic import Field

from domain.contracts.allowed_actions import ContractAction, allowed_actions
from domain.contracts.drafting.service import editable_terms
from domain.contracts.history import CAUSE_LABELS, Cause, HistoryEntry
from domain.contracts.model import Contract
from domain.contracts.signing.model import ClosureKind
from domain.contracts.statuses import (
    CANCEL_LABELS,
    STATUS_LABELS,
    CancelReason,
    ContractStatus,
    ContractType,
    OnboardStatus,
    OrderCategory,
    PaymentStatus,
    SyncStatus,
)
from domain.contracts.terms import TemplateValue, wire_name
from domain.shared.actor import ActorRef
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import Day
from domain.shared.masking import mask_id
from domain.shared.model import Instant, Model
from domain.shared.money import YuanOutput
from domain.shared.text import Language, Text
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import contracts_of
from http_api.routes.contracts.signer_answers import SignerAnswer, shown_phone

_YUAN = (
    *("worker_salary", "customer_service_fee", "worker_service_fee", "deposit", "final_payment"),
    *("course_amount", "service_fee_amount", "refund_amount"),
)


class PersonAnswer(Model):
    """An expanded reference, as legacy clients expect it."""

    document_id: str = Field(alias="_id")
    name: str
    phone: str | None = None


class ContractAnswer(Model):
    """`version` increases with every change; send it back with an edit."""

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
    worker_salary: YuanOutput | None
    customer_service_fee: YuanOutput | None
    worker_service_fee: YuanOutput | None
    deposit: YuanOutput | None
    final_payment: YuanOutput | None
    expected_delivery_date: Day | None
    salary_payment_day: int | None
    monthly_work_days: int | None
    remarks: str | None
    created_by: PersonAnswer
    creator_name: str
    is_latest: bool
    course_amount: YuanOutput | None
    service_fee_amount: YuanOutput | None
    intended_courses: list[str]
    consult_position: str | None
    esign_contract_no: str | None
    esign_status: str | None
    esign_status_text: str | None
    esign_created_at: Instant | None
    esign_signed_at: Instant | None
    esign_template_no: str | None
    closure: ClosureKind | None
    """Requested, and not yet confirmed by the provider."""
    signed_count: int
    """Of the running process: during a voiding, how many have signed the voiding."""
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
    refund_amount: YuanOutput | None
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
            "cancel_note": _absent(contract.cancel_note_text(language)),
            "customer_phone": shown_phone(contract.customer_phone),
            "customer_id_card": mask_id(contract.customer_id_card) if contract.customer_id_card else None,
            "worker_phone": shown_phone(contract.worker_phone) or None,
            "worker_id_card": mask_id(contract.worker_id_card) if contract.worker_id_card else None,
            "customer_id": _person(contract.customer_id, contract.customer_name, contract.customer_phone),
            "worker_id": _person(contract.worker_id, contract.worker_name, contract.worker_phone),
            "created_by": PersonAnswer(document_id=contract.created_by, name=owner),
            "creator_name": owner,
            "intended_courses": list(contract.intended_courses),
            "esign_status_text": _esign_text(contract, language),
            "closure": contract.closure.kind if contract.closure else None,
            "signed_count": contract.signed_count(),
            "signer_count": len(contract.progress),
            "service_expired": contract.is_service_expired(today),
        }
        return cast(Self, cls.model_construct(**{**fields, **more}))


class HistoryAnswer(Model):
    at: Instant
    cause: Cause
    cause_text: str
    by: ActorRef
    from_status: ContractStatus | None
    to_status: ContractStatus | None
    note: str

    @classmethod
    def of(cls, entry: HistoryEntry, language: Language) -> "HistoryAnswer":
        shown = {name: value for name, value in entry if name in cls.model_fields}
        texts = {"cause_text": CAUSE_LABELS[entry.cause].in_language(language), "note": entry.note_text(language)}
        return cls(**{**shown, **texts})


class AttemptAnswer(Model):
    number: int
    sent: bool
    failures: int
    problem: str | None
    requested_at: Instant
    requested_by: ActorRef


class ClosureAnswer(Model):
    kind: ClosureKind
    reason: str
    requested_by: ActorRef
    requested_at: Instant
    accepted: bool
    problem: str | None


class DeletionAnswer(Model):
    id: str
    reason: str
    requested_by: ActorRef
    requested_at: Instant


class ContractDetail(ContractAnswer):
    amount_due: int | None
    """The amount that the customer or student pays the agency, in fen."""
    template_params: dict[str, TemplateValue]
    signers: list[SignerAnswer]
    """Of the running process: during a voiding, whether each has signed the voiding."""
    history: list[HistoryAnswer]
    """Newest first."""
    attempt: AttemptAnswer | None
    pending_closure: ClosureAnswer | None
    pending_deletion: DeletionAnswer | None
    missing_to_sign: list[str]
    """Fields that signing requires and the contract lacks."""
    allowed_actions: list[ContractAction]
    """The actions that the contract's state and your permissions allow."""
    editable_fields: list[str]
    """Fields that an edit may change."""

    @classmethod
    def of_one(
        cls, contract: Contract, names: Mapping[str, str], today: date, language: Language, viewer: StaffAuthority
    ) -> Self:
        attempt, closure, deletion = contract.esign_attempt, contract.closure, contract.pending_deletion
        return cls.of(
            contract,
            names,
            today,
            language,
            amount_due=contract.amount_due_fen,
            signers=[SignerAnswer.of(signer, language) for signer in contract.progress],
            history=[HistoryAnswer.of(entry, language) for entry in reversed(contract.history)],
            attempt=AttemptAnswer(**_common(AttemptAnswer, attempt)) if attempt else None,
            pending_closure=ClosureAnswer(**_common(ClosureAnswer, closure)) if closure else None,
            pending_deletion=DeletionAnswer(**_common(DeletionAnswer, deletion)) if deletion else None,
            missing_to_sign=contract.missing_to_sign(),
            allowed_actions=allowed_actions(contract, viewer),
            editable_fields=sorted(wire_name(name) for name in editable_terms(contract)),
            template_params=contract.template_params,
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


def _person(document_id: str, name: str, phone: str) -> PersonAnswer | None:
    return PersonAnswer(document_id=document_id, name=name, phone=shown_phone(phone) or None) if document_id else None


def _absent(value: Any) -> Any:
    return None if value == "" else value


def _common(answer: type[Model], model: Model) -> dict[str, Any]:
    return {name: _absent(getattr(model, name)) for name in answer.model_fields if hasattr(model, name)}


async def answers(context: RequestContext, contracts: Sequence[Contract]) -> list[ContractAnswer]:
    queries = contracts_of(context).queries
    names = await queries.staff_names([contract.created_by for contract in contracts])
    return [ContractAnswer.of(contract, names, queries.today(), context.language) for contract in contracts]


async def detail(context: RequestContext, contract: Contract) -> ContractDetail:
    queries = contracts_of(context).queries
    names = await queries.staff_names([contract.created_by])
    return ContractDetail.of_one(contract, names, queries.today(), context.language, context.staff)
