"""The expected result, computed from the parties' actions at the provider and the payments of training orders."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Final

from domain.contracts.history import Cause, HistoryEntry
from domain.contracts.lifecycle import TRANSITIONS
from domain.contracts.model import Contract
from domain.contracts.statuses import CancelReason, ContractStatus, SignerState
from integrations.local.simulators.esign.state import (
    ABNORMAL,
    COMPLETE,
    EXPIRED,
    REJECTED,
    SIGN_AUTOMATICALLY,
    SIGNER_REJECTED,
    SIGNER_SIGNED,
    SIGNER_SIGNING,
    SIGNER_WAITING,
    VOIDED,
    WITHDRAWN,
    SimContract,
)

S = ContractStatus
ProviderContracts = Mapping[str, SimContract]
Trained = Mapping[str, Set[ContractStatus]]
End = tuple[ContractStatus, CancelReason | None]
CLOSED: Final[dict[int, CancelReason]] = {
    EXPIRED: CancelReason.EXPIRED,
    REJECTED: CancelReason.REJECTED,
    WITHDRAWN: CancelReason.WITHDRAWN,
    ABNORMAL: CancelReason.FAILED,
    VOIDED: CancelReason.VOIDED,
}
SIGNERS: Final = {
    SIGNER_SIGNING: SignerState.SIGNING,
    SIGNER_SIGNED: SignerState.SIGNED,
    SIGNER_WAITING: SignerState.WAITING,
    SIGNER_REJECTED: SignerState.REJECTED,
}


def mismatches_of(
    contract: Contract, provider_contracts: ProviderContracts, successors: Sequence[Contract], training_ends: Trained
) -> Iterator[str]:
    """The differences between the contract and the expected result."""
    end = contract.contract_status, contract.cancel_reason
    allowed = allowed_ends(contract, provider_contracts, successors, training_ends)
    if end not in allowed:
        yield f"it is {end}, and should be one of {allowed}"
    yield from _unfinished_work(contract, provider_contracts)
    yield from _forbidden_transitions(contract.history)
    last = provider_contracts.get(contract.esign_contract_no)
    if contract.contract_status in (S.SIGNING, S.ACTIVE) and last is not None:
        states = {signer.account: SIGNERS[signer.status] for signer in last.signers}
        ours = {signer.account: signer.state for signer in contract.signers}
        if states != ours:
            yield f"signers are {states}, and here {ours}"


def allowed_ends(
    contract: Contract, provider_contracts: ProviderContracts, successors: Sequence[Contract], training_ends: Trained
) -> set[End]:
    attempt = contract.esign_attempt
    if attempt is None:
        causes = {entry.cause for entry in contract.history}
        return {(S.CANCELLED, CancelReason.DISCARDED)} if Cause.DISCARDED in causes else {(S.DRAFT, None)}
    last = provider_contracts.get(attempt.contract_no)
    if last is None or (last.status == WITHDRAWN and not attempt.sent):  # cancelled before a party could sign
        return {(S.CANCELLED, CancelReason.WITHDRAWN), (S.CANCELLED, CancelReason.FAILED)}
    if last.is_open:
        return {(S.SIGNING, None)}
    if last.status == COMPLETE and contract.is_training:
        return {(status, None) for status in training_ends.get(contract.id, {S.SIGNED})}
    replaced = any(successor.signed_snapshot for successor in successors)
    if last.status == COMPLETE:
        return {(S.REPLACED, None)} if replaced else {(S.ACTIVE, None)}
    ends: set[End] = {(S.CANCELLED, CLOSED[last.status])}
    return ends | {(S.REPLACED, None)} if replaced else ends


def _unfinished_work(contract: Contract, provider_contracts: ProviderContracts) -> Iterator[str]:
    for number in range(1, contract.attempt_number):
        former = provider_contracts.get(f"{contract.contract_number}-{number}")
        if former is not None and former.is_open and former.signers:
            yield f"attempt {number} can still be signed"
    if contract.contract_status is S.SIGNING:
        if contract.esign_attempt is None or not contract.esign_attempt.sent:
            yield "it was never sent"
        if contract.closure is not None:
            yield f"a withdrawal is not confirmed: {contract.closure}"
    if contract.closure is not None and not contract.closure.accepted:
        yield f"a closure is still to be requested: {contract.closure}"


def _forbidden_transitions(history: Sequence[HistoryEntry]) -> Iterator[str]:
    status = S.DRAFT
    for entry in history[1:]:
        if not entry.is_transition:
            continue
        if entry.from_status is not status or entry.to_status is None or (status, entry.to_status) not in TRANSITIONS:
            yield f"{entry.from_status} to {entry.to_status} when it was {status}"
        status = entry.to_status or status


def expected_side_effects(contract: Contract, provider_contracts: ProviderContracts) -> Counter[str]:
    """The keys of the side effects that the history implies, each once."""
    keys = Counter([f"{contract.id}:bell:created"])
    attempt = 0
    for entry in contract.history[1:]:
        if not entry.is_transition:
            continue
        attempt += entry.to_status is S.SIGNING
        keys.update(
            f"{contract.id}:{key}"
            for key in _side_effects_of_transition(contract, entry, f"{attempt}:{entry.to_status}")
        )
    for number in range(1, attempt + 1):
        paper = provider_contracts.get(f"{contract.contract_number}-{number}")
        for signer in paper.signers if paper is not None else ():
            if signer.status == SIGNER_SIGNED and signer.sign_type != SIGN_AUTOMATICALLY:
                keys[f"{contract.id}:bell:{number}:signed-by:{signer.sign_mark.split(':')[1]}"] += 1
    return keys


def _side_effects_of_transition(contract: Contract, entry: HistoryEntry, step: str) -> Iterator[str]:
    draft, to = entry.from_status is S.DRAFT, entry.to_status
    agreed = entry.from_status is S.SIGNING and to in (S.ACTIVE, S.SIGNED)
    closed = to is S.CANCELLED and not draft
    if (to is S.SIGNING and draft) or agreed or closed:
        yield f"inbox:{step}"
    if agreed or closed:
        yield f"bell:{step}"
    if entry.cause is Cause.PAID:
        yield "inbox:paid"
    if to is S.ACTIVE and not contract.is_training:
        yield f"insurance:{step}"
    if contract.customer_id and to is not S.REPLACED and entry.cause is not Cause.PAID:
        yield f"customer:{step}"
    if contract.worker_id:
        yield f"worker:{step}"


def dashboard_mismatches(
    events: Sequence[Sequence[Any]], contracts: Mapping[str, Contract], only_of: str = ""
) -> Iterator[str]:
    """The differences between a dashboard's events and the histories. `only_of`: the employee whose dashboard it is."""
    shown: dict[str, list[Mapping[str, Any]]] = {}
    ids: Counter[str] = Counter()
    for name, payload in events:
        if name in ("contractStatus", "contractChanged"):
            shown.setdefault(payload["contractId"], []).append({**payload, "name": name})
            ids[payload["id"]] += 1
    yield from (f"event {event} arrived {times} times" for event, times in ids.items() if times > 1)
    if not only_of:
        yield from (f"{missing} never arrived" for missing in contracts.keys() - shown.keys())
    for contract_id, payloads in shown.items():
        contract = contracts[contract_id]
        versions = [payload["version"] for payload in payloads]
        if versions != sorted(set(versions)):
            yield f"{contract.contract_number}: versions {versions}"
        history = [_entry(entry) for entry in contract.history]
        received = [_event(payload) for payload in payloads]
        if received != history if not only_of else not _in_order(received, history):
            yield f"{contract.contract_number}: received {received}, happened {history}"


def event_ids_visible_to(events: Sequence[Sequence[Any]], staff_id: str) -> list[str]:
    """The ids of the events that this staff member must see, from the events of a manager, who sees all."""
    return [
        payload["id"] for _, payload in events if staff_id in (payload.get("ownerId"), payload.get("formerOwnerId"))
    ]


def _entry(entry: HistoryEntry) -> tuple[str, str, str, str]:
    step = (str(entry.from_status), str(entry.to_status)) if entry.is_transition and entry.from_status else ("", "")
    return (str(entry.cause), entry.note, *step)


def _event(event: Mapping[str, Any]) -> tuple[str, str, str, str]:
    step = (event["from"], event["to"]) if event["name"] == "contractStatus" else ("", "")
    return (event["cause"], event["note"], *step)


def _in_order(subset: Sequence[Any], sequence: Sequence[Any]) -> bool:
    rest = iter(sequence)
    return all(each in rest for each in subset)
