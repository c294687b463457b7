"""Milestones after signing: the worker starts in the household (上户), and the fee is paid.

Customers report them in the mini-program, staff on the page.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

from domain.contracts.errors import AlreadyPaid, PaymentMismatch, TransitionNotAllowed
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.roles import MANAGING_ROLES, contract_scope
from domain.contracts.statuses import ContractStatus, OnboardStatus, PaymentStatus
from domain.contracts.unit_of_work import ContractChange, ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day
from domain.shared.errors import InvalidRequest, PermissionDenied
from domain.shared.model import Instant, Model
from domain.shared.money import Fen

S = ContractStatus
CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)
"""How far the clock of the machine that reports a payment may be ahead of ours."""
PAID_BEFORE: Final = timedelta(days=366)
"""How long before the contract was created, or its service begins, it may have been paid: a deposit comes first."""
_LONG_BEFORE: Final = "早于合同一年以上 / more than a year before the contract"


class Payment(Model):
    amount_fen: Fen
    sqb_sn: str
    """The number of the payment or of its receipt; it pays one contract."""
    paid_at: Instant


class ContractMilestones:
    """The use cases of staff."""

    def __init__(self, contracts: ContractUnitOfWork) -> None:
        self._contracts = contracts

    async def confirm_onboard(self, contract_id: str, by: StaffAuthority, actor: Actor) -> Contract:
        """Idempotent. Raises ContractNotFound, TransitionNotAllowed unless it is in force."""
        return await self._contracts.change(contract_id, onboarding(by.id, actor), actor, contract_scope(by))

    async def record_payment(self, contract_id: str, payment: Payment, by: StaffAuthority, actor: Actor) -> Contract:
        """Record a payment that the agency received outside of the mini-program. Idempotent for the same payment.

        Raises PermissionDenied for staff below manager, ContractNotFound, and the errors of `paying`.
        """
        if by.role not in MANAGING_ROLES:
            raise PermissionDenied
        return await self._contracts.change(contract_id, paying(payment, actor), actor, contract_scope(by))


def onboarding(confirmed_by: str, actor: Actor) -> ContractChange:
    """The change by a confirmation that the worker has started. Raises TransitionNotAllowed unless it is in force."""

    def confirmed(contract: Contract, now: datetime) -> Contract:
        if contract.onboard_status is OnboardStatus.CONFIRMED:
            return contract
        if contract.contract_status is not S.ACTIVE or contract.is_training:
            raise TransitionNotAllowed(current=str(contract.contract_status), requested="onboard")
        return contract.changed(
            now,
            Cause.ONBOARDED,
            actor.ref(),
            onboard_status=OnboardStatus.CONFIRMED,
            onboard_confirmed_at=now,
            onboard_confirmed_by=confirmed_by,
        )

    return confirmed


def paying(payment: Payment, actor: Actor) -> ContractChange:
    """The change by a payment. Raises PaymentMismatch, PaymentIdUsed, AlreadyPaid, TransitionNotAllowed, and
    InvalidRequest for a payment in the future, or more than a year before the contract."""

    def paid(contract: Contract, now: datetime) -> Contract:
        if contract.payment_status is not PaymentStatus.UNPAID:
            if (contract.sqb_sn, contract.payment_amount) == (payment.sqb_sn, payment.amount_fen):
                return contract
            raise AlreadyPaid
        if not awaits_payment(contract):
            raise TransitionNotAllowed(current=str(contract.contract_status), requested="pay")
        if payment.amount_fen != contract.amount_due_fen:
            raise PaymentMismatch(amountDue=contract.amount_due_fen)
        if payment.paid_at > now + CLOCKS_DIFFER_BY:
            raise InvalidRequest(fields=[{"field": "paidAt", "problem": "不能晚于现在 / must not be in the future"}])
        if business_day(payment.paid_at) < _first_day_of_payment(contract):
            raise InvalidRequest(fields=[{"field": "paidAt", "problem": _LONG_BEFORE}])
        fields: dict[str, Any] = {
            "payment_status": PaymentStatus.PAID,
            "payment_amount": payment.amount_fen,
            "paid_at": payment.paid_at,
            "sqb_sn": payment.sqb_sn,
        }
        if contract.contract_status is S.SIGNED:
            return transition(contract, S.ACTIVE, actor.ref(), now, **fields)
        return contract.changed(now, Cause.PAID, actor.ref(), **fields)

    return paid


def _first_day_of_payment(contract: Contract) -> date:
    created = business_day(contract.created_at)
    return min(created, contract.start_date or created) - PAID_BEFORE


def awaits_payment(contract: Contract) -> bool:
    payable = contract.payment_enabled and contract.contract_status in (S.SIGNED, S.ACTIVE)
    return payable and contract.payment_status is PaymentStatus.UNPAID
