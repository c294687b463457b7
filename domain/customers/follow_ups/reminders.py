"""Reminders of follow-ups that are due: one for each date, to the owner."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.customers.change_events import card_of
from domain.customers.events import FollowUpReminderDue
from domain.customers.model import Customer
from domain.customers.ports import CustomerList
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, IdGenerator

log = logging.getLogger("error.customers")

_INTERVAL_SECONDS: Final = 30.0
_BATCH_SIZE: Final = 200


class FollowUpReminders:
    def __init__(self, customers: CustomerUnitOfWork, listing: CustomerList, clock: Clock, ids: IdGenerator) -> None:
        self._customers = customers
        self._listing = listing
        self._clock = clock
        self._ids = ids

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        name = "customer-follow-up-reminders"
        return (BackgroundJob(name, Every(_INTERVAL_SECONDS), self.run_due, lease_seconds=_INTERVAL_SECONDS * 4),)

    async def run_due(self) -> None:
        """Saves each due reminder with its event. Repeating it, also in several processes, reminds once for each date.

        Raises Unavailable.
        """
        for customer_id in await self._listing.to_remind(self._clock.now(), _BATCH_SIZE):
            try:
                await self._customers.change(customer_id, _reminded, SYSTEM, also=self._events)
            except DomainError as error:  # it stays due and is retried; the other customers go on
                log.warning("customers.reminder_failed", extra={"customer": customer_id, "code": error.code})

    def _events(self, customer: Customer) -> Sequence[DomainEvent]:
        card = card_of(customer, customer.next_version)
        due = customer.follow_up_due_at
        if due is None:
            return []
        return [
            FollowUpReminderDue(
                id=self._ids.next_id(),
                at=self._clock.now(),
                card=card,
                actor=SYSTEM.ref(),
                due_at=due,
                last_contact_at=customer.last_follow_up_time or customer.assigned_at or customer.created_at,
            )
        ]


def _reminded(customer: Customer, now: datetime) -> Customer:
    # Moved, done or assigned to another owner since the query: a reminder would be wrong.
    due = customer.remind_at
    return customer.with_fields(reminded_for=due) if due is not None and due <= now else customer
