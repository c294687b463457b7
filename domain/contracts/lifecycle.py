"""The life cycle of a contract: the table of transitions, and the only function that performs them.

draft ──► signing ──► active ──► replaced | graduated | refunded
  │          │  └──► signed ──► active | refunded      (training with a fee)
  ▼          ▼
cancelled ◄──┴─ active (every party signed the voiding)
  └──► signing (again, unless it was discarded, voided or superseded)
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from domain.contracts.errors import TransitionNotAllowed
from domain.contracts.history import Cause, HistoryEntry, with_entry
from domain.contracts.model import Contract, SignedSnapshot
from domain.contracts.statuses import (
    CAN_BE_SIGNED_AGAIN,
    CancelReason,
    ContractStatus,
    OnboardStatus,
    PaymentStatus,
    SignerState,
)
from domain.shared.actor import ActorRef
from domain.shared.text import Text

S = ContractStatus
Guard = Callable[[Contract], str]
"""Returns the obstacle to a transition, or an empty text. It gets the contract with the transition's new fields."""


def _ready_to_sign(contract: Contract) -> str:
    if contract.missing_to_sign() or contract.contradictions():
        return "incomplete"
    return "" if contract.esign_attempt and not contract.esign_attempt.sent else "no_attempt"


def _may_be_signed_again(contract: Contract) -> str:
    if contract.cancel_reason not in CAN_BE_SIGNED_AGAIN:
        return "cancelled_for_good"
    return "superseded" if contract.replaced_by_contract_id else _ready_to_sign(contract)


def _in_force_without_payment(contract: Contract) -> str:
    return "unpaid" if contract.is_training and contract.payment_enabled else _signed_by_all(contract)


def _awaiting_payment(contract: Contract) -> str:
    return _signed_by_all(contract) if contract.is_training and contract.payment_enabled else "nothing_to_pay"


def _signed_by_all(contract: Contract) -> str:
    return "" if contract.signers and all(s.state is SignerState.SIGNED for s in contract.signers) else "unsigned"


def _paid(contract: Contract) -> str:
    return "" if contract.payment_status is PaymentStatus.PAID and contract.sqb_sn else "unpaid"


def _closed_without_contract(contract: Contract) -> str:
    return "" if contract.cancel_reason in CAN_BE_SIGNED_AGAIN else "no_reason"


def _voided(contract: Contract) -> str:
    return "" if contract.cancel_reason is CancelReason.VOIDED else "no_reason"


def _discarded(contract: Contract) -> str:
    return "" if contract.cancel_reason is CancelReason.DISCARDED else "no_reason"


def _superseded(contract: Contract) -> str:
    return "" if contract.replaced_by_contract_id else "no_successor"


def _finished_training(contract: Contract) -> str:
    if not contract.is_training:
        return "not_training"
    return _paid(contract) if contract.payment_enabled else ""


def _refundable(contract: Contract) -> str:
    return "" if contract.is_training and contract.refund_amount_fen is not None else "not_training"


TRANSITIONS: Final[dict[tuple[S, S], tuple[Cause, Guard]]] = {
    (S.DRAFT, S.SIGNING): (Cause.INITIATED, _ready_to_sign),
    (S.DRAFT, S.CANCELLED): (Cause.DISCARDED, _discarded),
    (S.SIGNING, S.ACTIVE): (Cause.ALL_SIGNED, _in_force_without_payment),
    (S.SIGNING, S.SIGNED): (Cause.ALL_SIGNED, _awaiting_payment),
    (S.SIGNING, S.CANCELLED): (Cause.SIGNING_CLOSED, _closed_without_contract),
    (S.SIGNED, S.ACTIVE): (Cause.PAID, _paid),
    (S.SIGNED, S.REFUNDED): (Cause.REFUNDED, _refundable),
    (S.CANCELLED, S.SIGNING): (Cause.REINITIATED, _may_be_signed_again),
    (S.ACTIVE, S.REPLACED): (Cause.SUCCEEDED, _superseded),
    (S.ACTIVE, S.CANCELLED): (Cause.VOIDED, _voided),
    (S.ACTIVE, S.GRADUATED): (Cause.GRADUATED, _finished_training),
    (S.ACTIVE, S.REFUNDED): (Cause.REFUNDED, _refundable),
}
"""All transitions, each with its cause and its guard. A transition that is not in the table is not allowed."""


def transition(
    contract: Contract, to: ContractStatus, by: ActorRef, now: datetime, note: str | Text = "", **fields: Any
) -> Contract:
    """The contract in its new status, with `fields` changed and a history entry. Raises TransitionNotAllowed."""
    allowed = TRANSITIONS.get((contract.contract_status, to))
    if allowed is None or contract.deleted_at is not None:
        raise _refused(contract, to)
    cause, guard = allowed
    after = contract.model_copy(update=fields)
    if hindrance := guard(after):
        raise _refused(contract, to, hindrance)
    entry = HistoryEntry.noting(note, at=now, cause=cause, by=by, from_status=contract.contract_status, to_status=to)
    return after.model_copy(
        update={
            "contract_status": to,
            "updated_at": now,
            "history": with_entry(contract.history, entry),
            **_derived_fields(contract, after, to, now),
        }
    )


def require_transition(contract: Contract, to: ContractStatus) -> None:
    """Raises TransitionNotAllowed when the table has no such transition. Call it before expensive preparations."""
    if (contract.contract_status, to) not in TRANSITIONS or contract.deleted_at is not None:
        raise _refused(contract, to)


def _derived_fields(before: Contract, after: Contract, to: ContractStatus, now: datetime) -> dict[str, Any]:
    """The fields that change with the status."""
    derived: dict[str, Any] = {}
    if before.contract_status is S.SIGNING and to in (S.ACTIVE, S.SIGNED):
        derived["signed_snapshot"] = SignedSnapshot(
            terms=after.terms(), signers=after.signers, contract_no=after.esign_contract_no, completed_at=now
        )
        derived["esign_signed_at"] = after.esign_signed_at or now
    if to is S.SIGNING:
        derived |= {"cancel_reason": None, "cancel_note": "", "cancel_note_en": "", "esign_status": "", "closure": None}
    if to is S.ACTIVE:
        derived["activated_at"] = now
        if not after.is_training:
            confirmed = after.onboard_status is OnboardStatus.CONFIRMED
            derived["onboard_status"] = OnboardStatus.CONFIRMED if confirmed else OnboardStatus.PENDING
            derived["insurance_sync_pending"] = True
    if to is S.REPLACED:
        derived["is_latest"] = False
    if to is S.GRADUATED:
        derived["graduated_at"] = now
    if to is S.REFUNDED:
        derived["refunded_at"] = now
        if after.payment_status is PaymentStatus.PAID:
            derived["payment_status"] = PaymentStatus.REFUNDED
    if to not in (S.SIGNING, S.SIGNED, S.ACTIVE):
        derived |= {"esign_next_poll_at": None, "closure": None}
    return derived


def _refused(contract: Contract, to: ContractStatus, hindrance: str = "not_in_table") -> TransitionNotAllowed:
    return TransitionNotAllowed(current=str(contract.contract_status), requested=str(to), hindrance=hindrance)
