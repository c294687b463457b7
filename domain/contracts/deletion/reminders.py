"""Reminders of deletion requests that wait for a decision: one for each working day, from nine in the morning."""

import logging
from datetime import datetime
from typing import Final

from domain.contracts.deletion.model import DeletionRequest
from domain.contracts.model import Contract
from domain.contracts.ports import DeletionApprovalStore
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import SYSTEM
from domain.shared.background import BackgroundJob, Every
from domain.shared.business_day import business_day, is_within_contact_hours
from domain.shared.errors import DomainError
from domain.shared.ports import Clock
from domain.shared.working_time import WorkingDays

log = logging.getLogger("business.contracts")

_INTERVAL_SECONDS: Final = 60.0
_BATCH_SIZE: Final = 500


def with_due_deletion_reminder(contract: Contract, now: datetime) -> Contract:
    """The contract after the reminder of its pending request, on a working day. Unchanged when none is due."""
    pending = contract.pending_deletion
    if pending is None or not _is_due(pending, now):
        return contract
    reminded = pending.model_copy(update={"reminded_on": business_day(now)})
    return contract.with_fields(deletion_requests=contract.with_deletion_request(reminded))


def _is_due(request: DeletionRequest, now: datetime) -> bool:
    today = business_day(now)
    last_told = request.reminded_on or business_day(request.requested_at)
    return last_told < today


class DeletionReminders:
    def __init__(
        self,
        contracts: ContractUnitOfWork,
        approvals: DeletionApprovalStore,
        working_days: WorkingDays,
        clock: Clock,
    ) -> None:
        self._contracts = contracts
        self._approvals = approvals
        self._working_days = working_days
        self._clock = clock

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        job = BackgroundJob(
            "contract-deletion-reminders",
            Every(_INTERVAL_SECONDS),
            self.run_due,
            lease_seconds=_INTERVAL_SECONDS * 2,
        )
        return (job,)

    async def run_due(self) -> None:
        """Saves the due reminders with their events. Repeating it, also in several processes, reminds once."""
        now = self._clock.now()
        if not (self._working_days.is_working_day(business_day(now)) and is_within_contact_hours(now)):
            return
        for contract_id in await self._approvals.waiting(business_day(now), _BATCH_SIZE):
            try:
                await self._contracts.change(contract_id, with_due_deletion_reminder, SYSTEM)
            except DomainError as error:  # it stays due and is retried; the other requests go on
                log.warning("contract.deletion_reminder_failed", extra={"code": error.code})
