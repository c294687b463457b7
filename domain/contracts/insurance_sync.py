"""Insurance synchronisation of a contract (保险同步): the request, and its result."""

from datetime import datetime

from domain.contracts.errors import TransitionNotAllowed
from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus, SyncStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.scope import Scope


class InsuranceSync:
    """The follower that handles `InsuranceSyncDue` reports its result with `record_result`."""

    def __init__(self, contracts: ContractUnitOfWork) -> None:
        self._contracts = contracts

    async def request(self, contract_id: str, scope: Scope, actor: Actor) -> Contract:
        """Request the synchronisation again. Changes nothing while one is pending, or after one has succeeded.

        Raises TransitionNotAllowed unless it is a housekeeping contract in force.
        """

        def requested(contract: Contract, now: datetime) -> Contract:
            if contract.contract_status is not ContractStatus.ACTIVE or contract.is_training:
                raise TransitionNotAllowed(current=str(contract.contract_status), requested="insurance")
            if contract.insurance_sync_pending or contract.insurance_sync_status is SyncStatus.SUCCESS:
                return contract
            return contract.changed(
                now,
                Cause.INSURANCE_REQUESTED,
                actor.ref(),
                insurance_sync_pending=True,
                insurance_sync_status=None,
                insurance_sync_error="",
            )

        return await self._contracts.change(contract_id, requested, actor, scope)

    async def record_result(self, contract_id: str, problem: str, actor: Actor) -> Contract:
        """Store the result; an empty `problem` means success."""

        def recorded(contract: Contract, now: datetime) -> Contract:
            status = SyncStatus.FAILED if problem else SyncStatus.SUCCESS
            return contract.with_fields(
                insurance_sync_pending=False,
                insurance_sync_status=status,
                insurance_sync_error=problem[:200],
                insurance_synced_at=now,
            )

        return await self._contracts.change(contract_id, recorded, actor)
