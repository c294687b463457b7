"""The end of a training order (职培): the student graduates, or gets a refund."""

from datetime import datetime

from domain.contracts.errors import AlreadyRefunded, RefundTooHigh
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.roles import MANAGING_ROLES, contract_scope
from domain.contracts.statuses import ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import InvalidRequest, PermissionDenied

S = ContractStatus


class TrainingOrders:
    def __init__(self, contracts: ContractUnitOfWork) -> None:
        self._contracts = contracts

    async def graduate(self, contract_id: str, by: StaffAuthority, actor: Actor) -> Contract:
        """Idempotent. Raises ContractNotFound; TransitionNotAllowed unless it is in force, and paid if a fee is due."""

        def graduated(contract: Contract, now: datetime) -> Contract:
            if contract.contract_status is S.GRADUATED:
                return contract
            return transition(contract, S.GRADUATED, actor.ref(), now)

        return await self._contracts.change(contract_id, graduated, actor, contract_scope(by))

    async def refund(
        self, contract_id: str, amount_fen: int | None, reason: str, by: StaffAuthority, actor: Actor
    ) -> Contract:
        """Refund `amount_fen`, or the whole payment when it is None. The agreed fees stay on record.

        Idempotent for the same amount; another amount raises AlreadyRefunded. Raises PermissionDenied for staff below
        manager, RefundTooHigh, TransitionNotAllowed, and InvalidRequest for an amount of 0.
        """
        if by.role not in MANAGING_ROLES:
            raise PermissionDenied

        def refunded(contract: Contract, now: datetime) -> Contract:
            if contract.contract_status is S.REFUNDED:
                if amount_fen not in (None, contract.refund_amount_fen):
                    raise AlreadyRefunded(refunded=contract.refund_amount_fen)
                return contract
            paid = contract.payment_amount or 0
            amount = paid if amount_fen is None else amount_fen
            if amount_fen == 0 and paid:
                raise InvalidRequest(
                    fields=[{"field": "refundAmount", "problem": "应大于 0 / must be more than nothing"}]
                )
            if amount > paid:
                raise RefundTooHigh(paid=paid)
            return transition(contract, S.REFUNDED, actor.ref(), now, reason, refund_amount_fen=amount)

        return await self._contracts.change(contract_id, refunded, actor, contract_scope(by))
