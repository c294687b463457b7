"""Asking once more that a contract's insurance be put right (保险同步)."""

from datetime import datetime

from domain.contracts.data_scope import DataScope
from domain.contracts.errors import TransitionNotAllowed
from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus, SyncStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor


class InsuranceSync:
    """Whoever carries out `InsuranceSyncDue` reports back with `done`."""

    def __init__(self, contracts: ContractUnitOfWork) -> None:
        self._contracts = contracts

    async def request(self, contract_id: str, scope: DataScope, actor: Actor) -> Contract:
        """Only for contracts in force. While it is under way, or when it has worked, asking changes nothing."""

        def asked(contract: Contract, now: datetime) -> Contract:
            if contract.contract_status is not ContractStatus.ACTIVE or contract.is_training:
                raise TransitionNotAllowed(current=str(contract.contract_status), requested="insurance")
            if contract.insurance_sync_pending or contract.insurance_sync_status is SyncStatus.SUCCESS:
                return contract
            return contract.changed(
                now,
                Cause.INSURANCE_ASKED,
                actor.ref(),
                insurance_sync_pending=True,
                insurance_sync_status=None,
                insurance_sync_error="",
            )

        return await self._contracts.change(contract_id, asked, actor, scope)

    async def record_result(self, contract_id: str, problem: str, actor: Actor) -> Contract:
        """`problem` is empty when it worked."""

        def told(contract: Contract, now: datetime) -> Contract:
            status = SyncStatus.FAILED if problem else SyncStatus.SUCCESS
            return contract.with_fields(
                insurance_sync_pending=False,
                insurance_sync_status=status,
                insurance_sync_error=problem[:200],
                insurance_synced_at=now,
            )

        return await self._contracts.change(contract_id, told, actor)
