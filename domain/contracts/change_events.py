"""The events of a contract change: the change event, its side effects, deletion approvals and the audit row."""

from typing import Any, Final

from domain.audit.model import audit_of
from domain.contracts.board.card import card_of
from domain.contracts.events import ContractChanged, ContractStatusChanged, DeletionApprovalChanged
from domain.contracts.history import HistoryEntry
from domain.contracts.model import Contract
from domain.contracts.side_effects import SideEffects
from domain.contracts.statuses import ContractStatus
from domain.shared.actor import SYSTEM, Actor
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, IdGenerator

_NOT_IN_AUDIT: Final = {
    *("id", "version", "history", "updated_at", "signed_snapshot", "esign_next_poll_at", "esign_polls"),
    *("idempotency_key", "request_digest", "deletion_requests", "esign_attempt", "signers", "template_params"),
}


class ContractChangeEvents:
    def __init__(self, clock: Clock, ids: IdGenerator) -> None:
        self._clock = clock
        self._ids = ids

    def of(self, before: Contract | None, after: Contract, actor: Actor) -> list[DomainEvent]:
        """The events of the change in saving order. Lists get no event of a change without a history entry."""
        entry = _newest_entry(before, after)
        followed = [
            *SideEffects(self._ids.next_id, self._clock.now()).of(before, after),
            *self._approvals(before, after),
        ]
        if entry is None:
            return followed
        shown, audited = self._change_event(before, after, entry), self._audit_row(before, after, entry, actor)
        return [shown, *followed, audited]

    def _change_event(self, before: Contract | None, after: Contract, entry: HistoryEntry) -> DomainEvent:
        common: dict[str, Any] = {
            "id": self._ids.next_id(),
            "at": entry.at,
            "card": card_of(after, after.next_version),
            "actor": entry.by,
            "cause": entry.cause,
            "note": entry.note,
        }
        if before is not None and before.contract_status is not after.contract_status:
            return ContractStatusChanged(
                **common,
                from_status=before.contract_status,
                to_status=after.contract_status,
                new_worker=after.replaced_by_worker if after.contract_status is ContractStatus.REPLACED else "",
            )
        former = before.created_by if before is not None and before.created_by != after.created_by else ""
        return ContractChanged(**common, former_owner_id=former)

    def _approvals(self, before: Contract | None, after: Contract) -> list[DomainEvent]:
        known = before.deletion_requests if before else ()
        return [
            DeletionApprovalChanged(
                id=self._ids.next_id(),
                at=self._clock.now(),
                approval=after.deletion_approval(request),
            )
            for request in after.deletion_requests
            if request not in known
        ]

    def _audit_row(self, before: Contract | None, after: Contract, entry: HistoryEntry, actor: Actor) -> DomainEvent:
        declared = actor.action and actor.action != SYSTEM.action
        by = actor if declared else actor.model_copy(update={"action": f"contract.{entry.cause}"})
        shown = _audited_fields(before) if before else {}
        target = ("contract", after.id)
        return audit_of(self._ids.next_id(), entry.at, by, target, shown, _audited_fields(after), entry.note)


def _audited_fields(contract: Contract) -> dict[str, Any]:
    """The fields for the audit row, which masks personal numbers itself."""
    return contract.model_dump(mode="json", by_alias=True, exclude=_NOT_IN_AUDIT)


def _newest_entry(before: Contract | None, after: Contract) -> HistoryEntry | None:
    # Compares whole histories: two entries of the same second may be equal.
    if not after.history or (before is not None and before.history == after.history):
        return None
    return after.history[-1]
