"""What the provider says of a contract, turned into at most one step of its life at a time.

The answer describes the present; steps that were missed in between are taken one after the other, each of them legal.
"""

from datetime import datetime
from typing import Any, Final

from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.signing.model import ProviderState, Signers, merged
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

PROVIDER: Final = ActorRef(kind="system", id="esign", name="爱签")

S = ContractStatus


def observed(contract: Contract, seen: ProviderState, now: datetime) -> Contract:
    """The contract after the next thing that `seen` implies; the same contract when nothing is left to do.

    Raises TransitionNotAllowed for a contract whose guards say otherwise, which then stays as it is.
    """
    if seen.contract_no != contract.esign_contract_no or contract.deleted_at is not None:
        return contract  # an earlier attempt, which can do nothing any more
    if contract.contract_status is S.SIGNING:
        return _while_signing(contract, seen, now)
    if contract.contract_status in (S.ACTIVE, S.SIGNED):
        return _while_in_force(contract, seen, now)
    return contract


def contradicts(contract: Contract, seen: ProviderState) -> bool:
    """Whether the provider says what this contract cannot follow: a person has to look at it."""
    if seen.contract_no != contract.esign_contract_no:
        return False
    if seen.status is ProviderStatus.UNCLEAR:
        return True
    if contract.contract_status is S.SIGNED:
        return seen.status is ProviderStatus.VOIDED
    if contract.contract_status is S.CANCELLED:
        return seen.is_complete
    return contract.contract_status is S.ACTIVE and seen.status in CANCEL_REASON_BY_STATUS


def _while_signing(contract: Contract, seen: ProviderState, now: datetime) -> Contract:
    code = seen.provider_code
    # Voided means that it had been complete: both steps happen, in their order.
    if seen.is_complete or seen.status is ProviderStatus.VOIDED:
        signers = _all_signed(merged(contract.signers, seen.signers), seen.finished_at or now)
        to = S.SIGNED if contract.is_training and contract.payment_enabled else S.ACTIVE
        return transition(
            contract,
            to,
            PROVIDER,
            now,
            signers=signers,
            esign_status="2",
            esign_signed_at=seen.finished_at or now,
            closure=None,
            **_change_of_worker(contract, now),
        )
    signers = merged(contract.signers, seen.signers)
    if seen.status in CANCEL_REASON_BY_STATUS:
        reason = CANCEL_REASON_BY_STATUS[seen.status]
        note = cancel_note_of(contract, reason, signers, seen.remark)
        return transition(
            contract,
            S.CANCELLED,
            PROVIDER,
            now,
            note,
            signers=signers,
            esign_status=code,
            cancel_reason=reason,
            cancel_note=note,
        )
    if signers == contract.signers:
        return contract if code == contract.esign_status else contract.with_fields(esign_status=code)
    note = progress_note(contract.signers, signers)
    cause = Cause.SIGNER if _somebody_acted(contract.signers, signers) else Cause.TURN
    return contract.changed(now, cause, PROVIDER, note, signers=signers, esign_status=code)


def _while_in_force(contract: Contract, seen: ProviderState, now: datetime) -> Contract:
    if seen.status is not ProviderStatus.VOIDED or contract.contract_status is not S.ACTIVE:
        return contract
    asked = contract.closure.reason if contract.closure else ""
    note = asked or seen.remark
    return transition(
        contract,
        S.CANCELLED,
        PROVIDER,
        now,
        note,
        esign_status=seen.provider_code,
        cancel_reason=CancelReason.VOIDED,
        cancel_note=note,
    )


def _change_of_worker(contract: Contract, now: datetime) -> dict[str, Any]:
    """A successor takes effect when it is signed, and not before its own first day."""
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


def cancel_note_of(contract: Contract, reason: CancelReason, signers: Signers, remark: str) -> str:
    """Who refused, and why; or why staff withdrew it."""
    if reason is CancelReason.REJECTED:
        who = [ROLE_LABELS[signer.role].zh for signer in signers if signer.state is SignerState.REJECTED]
        return "：".join(filter(None, ("、".join(who), remark)))[:200]
    if reason is CancelReason.WITHDRAWN and contract.closure:
        return contract.closure.reason
    return remark[:200]


def _somebody_acted(before: Signers, after: Signers) -> bool:
    return any(
        new.state is not old.state and new.state is not SignerState.SIGNING
        for old, new in zip(before, after, strict=True)
    )


def progress_note(before: Signers, after: Signers) -> str:
    """Whoever signed since; empty when it is only somebody's turn now."""
    moved = [
        ROLE_LABELS[new.role].zh
        for old, new in zip(before, after, strict=True)
        if new.state is SignerState.SIGNED and old.state is not SignerState.SIGNED
    ]
    return f"{'、'.join(moved)}已签署" if moved else ""
