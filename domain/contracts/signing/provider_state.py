"""Applies the provider's state to a contract, one transition at a time.

The state describes the present. Transitions that were missed in between are performed one after the other, each of them
an allowed one.
"""

from datetime import datetime
from typing import Any, Final

from domain.contracts.history import Cause, stored_note
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.signing.model import (
    ProviderState,
    Signers,
    merge_signers,
    merge_void_signers,
)
from domain.contracts.statuses import (
    CANCEL_REASON_BY_STATUS,
    ROLE_LABELS,
    CancelReason,
    ContractStatus,
    ProviderStatus,
    SignerState,
)
from domain.shared.actor import ActorRef
from domain.shared.business_day import business_day
from domain.shared.text import Text

PROVIDER: Final = ActorRef(kind="system", id="esign", name="爱签")

S = ContractStatus


def apply_provider_state(contract: Contract, state: ProviderState, now: datetime) -> Contract:
    """The contract after the next change that `state` implies; the same object when there is none left.

    Raises TransitionNotAllowed when a guard refuses the transition.
    """
    if state.contract_no != contract.esign_contract_no or contract.deleted_at is not None:
        return contract  # an earlier attempt no longer has any effect
    if contract.contract_status is S.SIGNING:
        return _while_signing(contract, state, now)
    if contract.contract_status in (S.ACTIVE, S.SIGNED):
        return _while_in_force(contract, state, now)
    return contract


def contradicts(contract: Contract, state: ProviderState) -> bool:
    """True when the provider's state contradicts the contract, so that staff must check it."""
    if state.contract_no != contract.esign_contract_no:
        return False
    if state.status is ProviderStatus.UNCLEAR:
        return True
    if contract.contract_status is S.SIGNED:
        return state.status is ProviderStatus.VOIDED
    if contract.contract_status is S.CANCELLED:
        return state.is_complete
    return contract.contract_status is S.ACTIVE and state.status in CANCEL_REASON_BY_STATUS


def _while_signing(contract: Contract, state: ProviderState, now: datetime) -> Contract:
    code = state.provider_code
    # A voided process was complete before: the contract first comes into force and is then cancelled.
    if state.is_complete or state.status is ProviderStatus.VOIDED:
        signers = _all_signed(merge_signers(contract.signers, state.signers), state.finished_at or now)
        to = S.SIGNED if contract.is_training and contract.payment_enabled else S.ACTIVE
        return transition(
            contract,
            to,
            PROVIDER,
            now,
            signers=signers,
            esign_status="2",
            esign_signed_at=state.finished_at or now,
            closure=None,
            **_change_date_of_successor(contract, now),
        )
    signers = merge_signers(contract.signers, state.signers)
    if state.status in CANCEL_REASON_BY_STATUS:
        reason = CANCEL_REASON_BY_STATUS[state.status]
        note = cancel_note_of(contract, reason, signers, state.remark)
        return transition(
            contract,
            S.CANCELLED,
            PROVIDER,
            now,
            note,
            signers=signers,
            esign_status=code,
            cancel_reason=reason,
            **cancel_notes(note),
        )
    if signers == contract.signers:
        return contract if code == contract.esign_status else contract.with_fields(esign_status=code)
    note = progress_note(contract.signers, signers)
    cause = Cause.SIGNER_ACTED if _a_signer_acted(contract.signers, signers) else Cause.NEXT_SIGNER
    return contract.changed(now, cause, PROVIDER, note, signers=signers, esign_status=code)


def _while_in_force(contract: Contract, state: ProviderState, now: datetime) -> Contract:
    if contract.contract_status is not S.ACTIVE:
        return contract
    if state.status is not ProviderStatus.VOIDED:
        return _while_voiding(contract, state, now)
    note = (contract.closure.reason if contract.closure else "") or state.remark
    return transition(
        contract,
        S.CANCELLED,
        PROVIDER,
        now,
        note,
        esign_status=state.provider_code,
        cancel_reason=CancelReason.VOIDED,
        cancel_note=note,
    )


def _while_voiding(contract: Contract, state: ProviderState, now: datetime) -> Contract:
    closure = contract.closure
    if closure is None or not closure.is_running_void:
        return contract
    after = merge_void_signers(contract.progress, state.signers, now)
    if after == contract.progress:
        return contract
    note = progress_note(contract.progress, after)
    voiding = closure.model_copy(update={"signers": after})
    return contract.changed(now, Cause.VOID_SIGNED, PROVIDER, note, closure=voiding)


def _change_date_of_successor(contract: Contract, now: datetime) -> dict[str, Any]:
    """The change date of a successor: the day of the last signature, but not before its own first day."""
    if not contract.replaces_contract_id:
        return {}
    today = business_day(now)
    return {"change_date": max(today, contract.start_date or today)}


def _all_signed(signers: Signers, at: datetime) -> Signers:
    return tuple(
        signer
        if signer.state is SignerState.SIGNED
        else signer.model_copy(update={"state": SignerState.SIGNED, "signed_at": at})
        for signer in signers
    )


def cancel_note_of(contract: Contract, reason: CancelReason, signers: Signers, remark: str) -> str | Text:
    """The refusing parties with the remark, or the reason of the withdrawal."""
    if reason is CancelReason.REJECTED:
        refusing = [ROLE_LABELS[signer.role] for signer in signers if signer.state is SignerState.REJECTED]
        return Text(
            "：".join(filter(None, ("、".join(role.zh for role in refusing), remark)))[:200],
            ": ".join(filter(None, (", ".join(role.en for role in refusing), remark)))[:200],
        )
    if reason is CancelReason.WITHDRAWN and contract.closure:
        return contract.closure.reason
    return remark[:200]


def _a_signer_acted(before: Signers, after: Signers) -> bool:
    return any(
        new.state is not old.state and new.state is not SignerState.SIGNING
        for old, new in zip(before, after, strict=True)
    )


def cancel_notes(note: str | Text) -> dict[str, str]:
    """The fields of a contract that hold the note of its cancellation."""
    return dict(zip(("cancel_note", "cancel_note_en"), stored_note(note), strict=True))


def progress_note(before: Signers, after: Signers) -> str | Text:
    """The parties that signed since; empty when only the next signer was activated."""
    moved = [
        ROLE_LABELS[new.role]
        for old, new in zip(before, after, strict=True)
        if new.state is SignerState.SIGNED and old.state is not SignerState.SIGNED
    ]
    if not moved:
        return ""
    return Text(f"{'、'.join(role.zh for role in moved)}已签署", f"Signed by: {', '.join(role.en for role in moved)}")
