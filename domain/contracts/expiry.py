"""Expiry of contracts: reminders 30, 15, 7, 3 and 1 days before the end, and a flag when the service has ended.

An expired contract keeps its status; staff must renew it or end it.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Final

from domain.contracts.history import Cause
from domain.contracts.model import Contract
from domain.contracts.ports import ContractLookups
from domain.contracts.statuses import ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import SYSTEM, ActorRef
from domain.shared.background import BackgroundJob, Every
from domain.shared.business_day import business_day, is_within_contact_hours
from domain.shared.errors import DomainError
from domain.shared.ports import Clock
from domain.shared.text import Text

log = logging.getLogger("business.contracts")

REMINDER_DAYS: Final = (30, 15, 7, 3, 1)
BATCH_SIZE: Final = 200
_INTERVAL_SECONDS: Final = 60.0
_CALENDAR: Final = ActorRef(kind="system", id="calendar", name="系统")


def next_expiry_date(contract: Contract) -> date | None:
    """The next day on which this contract needs an expiry step; None when there is none left."""
    if contract.contract_status is not ContractStatus.ACTIVE or contract.end_date is None:
        return None
    pending = [] if contract.renewed_by_contract_id else _thresholds_ahead(contract)
    dates = [contract.end_date - timedelta(days=days) for days in pending]
    if contract.service_expired_at is None:
        dates.append(contract.end_date + timedelta(days=1))
    return min(dates, default=None)


def with_due_expiry_step(contract: Contract, now: datetime) -> Contract:
    """The contract after the step that is due today: the most urgent reminder, or the flag. Otherwise unchanged."""
    today, due = business_day(now), next_expiry_date(contract)
    if due is None or due > today or contract.end_date is None:
        return contract
    left = (contract.end_date - today).days
    if left < 0:
        return contract.changed(now, Cause.SERVICE_EXPIRED, _CALENDAR, reminded=REMINDER_DAYS, service_expired_at=now)
    # Missed thresholds are marked too, without a message of their own. The most urgent one is last.
    passed = tuple(days for days in _thresholds_ahead(contract) if left <= days)
    note = Text(f"距到期 {left} 天", f"Days left: {left}")
    return contract.changed(now, Cause.REMINDED, _CALENDAR, note, reminded=(*contract.reminded, *passed))


def _thresholds_ahead(contract: Contract) -> list[int]:
    """Thresholds above the smallest one that the customer was reminded at count as passed."""
    last = min(contract.reminded, default=None)
    return [days for days in REMINDER_DAYS if last is None or days < last]


class ExpiryReminders:
    def __init__(self, contracts: ContractUnitOfWork, lookups: ContractLookups, clock: Clock) -> None:
        self._contracts = contracts
        self._lookups = lookups
        self._clock = clock

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        job = BackgroundJob(
            "contract-expiry", Every(_INTERVAL_SECONDS), self.run_due, lease_seconds=_INTERVAL_SECONDS * 2
        )
        return (job,)

    async def run_due(self) -> int:
        """Perform the due expiry steps; returns the number of contracts. Sends no reminders at night."""
        now = self._clock.now()
        if not is_within_contact_hours(now):
            return 0
        due = await self._lookups.due_for_expiry(business_day(now), BATCH_SIZE)
        for contract_id in due:
            try:
                await self._contracts.change(contract_id, with_due_expiry_step, SYSTEM)
            except DomainError as error:  # it stays due and is retried; the other contracts go on
                log.warning("contract.reminder_failed", extra={"code": error.code})
        return len(due)
