"""Builders of contracts: a call names only the fields that matter to the test."""

from datetime import UTC, date, datetime
from typing import Any

from domain.contracts.deletion.model import DeletionRequest
from domain.contracts.history import Cause, HistoryEntry
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.signing.model import (
    Party,
    PendingClosure,
    ProviderSigner,
    ProviderState,
    SigningAttempt,
    build_signers,
)
from domain.contracts.signing.provider_state import PROVIDER, apply_provider_state
from domain.contracts.signing.signing_order import signing_parties
from domain.contracts.statuses import (
    CancelReason,
    ContractStatus,
    ContractType,
    OrderCategory,
    PaymentStatus,
    ProviderStatus,
    SignerRole,
    SignerState,
    SyncStatus,
)
from domain.shared.actor import Actor, ActorRef
from domain.shared.authority import Role, StaffAuthority
from domain.staff.permissions import ROLE_PERMISSIONS

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
STAFF = ActorRef(kind="staff", id="5" * 24, name="李经理")
AGENCY = Party(role=SignerRole.AGENCY, name="安心家政", auto=True)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_card(number: int = 1, born: str = "19900307") -> str:
    """A made-up card number with a right check digit."""
    body = f"{110101 + number // 1000 % 800_000}{born}{number % 1000:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, _WEIGHTS, strict=True)) % 11]


def terms(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "contract_type": ContractType.MATERNITY_NURSE,
        "customer_name": "王芳",
        "customer_phone": f"138{number:08d}",
        "customer_id_card": id_card(number),
        "worker_name": "赵阿姨",
        "worker_phone": f"139{number:08d}",
        "worker_id_card": id_card(number, "19751111"),
        "start_date": date(2026, 5, 1),
        "end_date": date(2026, 10, 31),
        "worker_salary_fen": 880_000,
        "customer_service_fee_fen": 300_000,
        "esign_template_no": "TN-HOME",
        **more,
    }


def training_terms(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "order_category": OrderCategory.TRAINING,
        "customer_name": "孙丽",
        "customer_phone": f"137{number:08d}",
        "customer_id_card": id_card(number, "19880808"),
        "course_amount_fen": 680_000,
        "service_fee_amount_fen": 680_000,
        "payment_enabled": True,
        "esign_template_no": "TN-TRAIN",
        **more,
    }


def a_contract(number: int = 1, *, training: bool = False, **fields: Any) -> Contract:
    """A draft."""
    stated = training_terms(number) if training else terms(number)
    entry = HistoryEntry(at=NOW, cause=Cause.CREATED, by=STAFF, to_status=ContractStatus.DRAFT)
    return Contract(
        **{
            **stated,
            "id": f"{number:024x}",
            "contract_number": f"CON{number:014d}",
            "created_by": STAFF.id,
            "created_at": NOW,
            "updated_at": NOW,
            "history": (entry,),
            **fields,
        }
    )


def with_attempt(contract: Contract, number: int = 1, *, sent: bool = False) -> dict[str, Any]:
    """The fields that starting to sign sets."""
    parties = signing_parties(contract, AGENCY)
    accounts = tuple(f"acc-{party.role}" for party in parties)
    contract_no = f"{contract.contract_number}-{number}"
    attempt = SigningAttempt(
        number=number, contract_no=contract_no, template_no="TN", requested_by=STAFF, requested_at=NOW, sent=sent
    )
    return {
        "esign_attempt": attempt,
        "esign_contract_no": contract_no,
        "signers": build_signers(contract.id, number, parties, accounts),
    }


def signing(number: int = 1, *, training: bool = False, **fields: Any) -> Contract:
    """A contract in signing; no party has signed yet."""
    draft = a_contract(number, training=training, **fields)
    started = transition(draft, ContractStatus.SIGNING, STAFF, NOW, **with_attempt(draft), esign_created_at=NOW)
    assert started.esign_attempt is not None
    return started.with_fields(esign_attempt=started.esign_attempt.model_copy(update={"sent": True}))


def active(number: int = 1, *, training: bool = False, **fields: Any) -> Contract:
    """Signed by all parties. A training with a fee is not paid yet."""
    contract = signing(number, training=training, **fields)
    return apply_provider_state(contract, provider_state(contract, ProviderStatus.COMPLETE), NOW)


def a_contract_with_all_fields() -> Contract:
    """Every field has a distinct value."""
    fields: dict[str, Any] = {
        "customer_address": "朝阳区某街 1 号",
        "customer_id": "a" * 24,
        "worker_address": "河南某村",
        "worker_id": "b" * 24,
        "worker_service_fee_fen": 1,
        "deposit_fen": 20_050,
        "final_payment_fen": 99_999_999_999_999,
        "expected_delivery_date": date(2026, 6, 30),
        "salary_payment_day": 15,
        "monthly_work_days": 26,
        "remarks": "备注",
        "training_lead_id": "c" * 24,
        "course_amount_fen": 0,
        "service_fee_amount_fen": 680_000,
        "intended_courses": ("高级母婴护理", "早教"),
        "consult_position": "月嫂",
        "template_params": {"服务内容": ("做饭", "保洁"), "服务备注": "周一$.开始"},
        "last_updated_by": "6" * 24,
        "replaces_contract_id": "d" * 24,
        "renews_contract_id": "e" * 24,
        "idempotency_key": "key-1",
        "request_digest": "digest",
        "additional_order": True,
        "deletion_requests": (DeletionRequest(id="f" * 24, requested_by=STAFF, requested_at=NOW, reason="录错"),),
    }
    contract = active(1, **fields)
    closure = PendingClosure(kind="void", reason="协商", requested_by=STAFF, requested_at=NOW)
    contract = contract.changed(
        NOW, Cause.VOID_REQUESTED, STAFF, closure=closure, esign_next_poll_at=NOW, esign_polls=2
    )
    more: dict[str, Any] = {
        "cancel_reason": CancelReason.VOIDED,
        "cancel_note": "说明",
        "cancel_note_en": "why",
        "replaced_by_contract_id": "1" * 24,
        "renewed_by_contract_id": "2" * 24,
        "change_date": date(2026, 5, 2),
        "service_days": 12,
        "onboard_confirmed_at": NOW,
        "onboard_confirmed_by": "13800000001",
        "payment_status": PaymentStatus.PAID,
        "payment_amount": 300_000,
        "paid_at": NOW,
        "sqb_sn": "sn-1",
        "graduated_at": NOW,
        "refunded_at": NOW,
        "refund_amount_fen": 1,
        "insurance_sync_status": SyncStatus.FAILED,
        "insurance_sync_error": "没有保单",
        "insurance_synced_at": NOW,
        "last_profile_synced_at": NOW,
        "last_profile_sync_source": "contract_signed",
        "reminded": (30, 7),
        "service_expired_at": NOW,
    }
    return contract.with_fields(**more)


def provider_state(
    contract: Contract, status: ProviderStatus, *states: SignerState, remark: str = "", code: str = ""
) -> ProviderState:
    """A state of the provider with the given signer states in signing order."""
    return ProviderState(
        contract_no=contract.esign_contract_no,
        status=status,
        provider_code=code or str(status),
        remark=remark,
        finished_at=NOW if status is ProviderStatus.COMPLETE else None,
        signers=tuple(
            ProviderSigner(
                mark=signer.mark,
                account=signer.account,
                state=state,
                signed_at=NOW if state is SignerState.SIGNED else None,
            )
            for signer, state in zip(contract.signers, states, strict=False)
        ),
    )


def staff(role: Role = Role.ADMIN, staff_id: str = STAFF.id) -> StaffAuthority:
    return StaffAuthority(
        id=staff_id,
        username=str(role),
        name="李经理",
        role=role,
        permissions=ROLE_PERMISSIONS[role],
        session_id="s" * 24,
    )


def acting(by: StaffAuthority, action: str = "contract.test") -> Actor:
    return Actor(kind="staff", id=by.id, name=by.name, action=action)


__all__ = ["AGENCY", "NOW", "PROVIDER", "STAFF", "a_contract", "acting", "id_card", "provider_state", "staff", "terms"]
