"""Durable followers of contract events. They get each event at least once; handling it again changes nothing."""

import logging
from collections.abc import Sequence
from datetime import datetime

from domain.contracts.errors import ContractNotFound, TransitionNotAllowed
from domain.contracts.events import ContractStatusChanged, DeletionApprovalChanged
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.ports import DeletionApprovalStore
from domain.contracts.statuses import ContractStatus
from domain.contracts.unit_of_work import ContractChange, ContractUnitOfWork
from domain.shared.actor import ActorRef
from domain.shared.events import DomainEvent

log = logging.getLogger("business.contracts")

S = ContractStatus


class SuccessionFollower:
    """Marks the predecessor as replaced when its successor is in force, and notes a renewal on the renewed contract."""

    def __init__(self, contracts: ContractUnitOfWork) -> None:
        self._contracts = contracts

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, ContractStatusChanged) and event.to_status is S.ACTIVE:
                await self._update_original(event)

    async def _update_original(self, event: ContractStatusChanged) -> None:
        try:
            successor = await self._contracts.find(event.card.id)
            if successor.replaces_contract_id:
                replaced = _replaced_by(successor, event.actor)
                await self._contracts.change(successor.replaces_contract_id, replaced, event.actor.to_actor())
            if successor.renews_contract_id:
                renewed = _renewed_by(successor, event.actor)
                await self._contracts.change(successor.renews_contract_id, renewed, event.actor.to_actor())
        except (ContractNotFound, TransitionNotAllowed) as error:  # a retry would fail in the same way
            about = {"contractNumber": event.card.contract_number, "code": error.code}
            log.warning("contract.predecessor_stays", extra=about)


class DeletionApprovalList:
    """Keeps the list of deletion approvals equal to the requests in the contracts."""

    def __init__(self, approvals: DeletionApprovalStore) -> None:
        self._approvals = approvals

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, DeletionApprovalChanged):
                await self._approvals.record(event.approval)


def _replaced_by(successor: Contract, by: ActorRef) -> ContractChange:
    def replaced(contract: Contract, now: datetime) -> Contract:
        if contract.contract_status is not S.ACTIVE:
            return contract  # already replaced, or ended in another way meanwhile
        days = None
        if contract.start_date and successor.change_date:
            days = max(0, (successor.change_date - contract.start_date).days)
        return transition(
            contract,
            S.REPLACED,
            by,
            now,
            successor.contract_number,
            replaced_by_contract_id=successor.id,
            replaced_by_worker=successor.worker_name,
            service_days=days,
        )

    return replaced


def _renewed_by(successor: Contract, by: ActorRef) -> ContractChange:
    def renewed(contract: Contract, now: datetime) -> Contract:
        if contract.renewed_by_contract_id == successor.id:
            return contract
        return contract.changed(now, Cause.RENEWED, by, successor.contract_number, renewed_by_contract_id=successor.id)

    return renewed
