"""Watches first responses: announces each one that is overdue, once."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.customers.change_events import card_of
from domain.customers.events import ResponseBreached
from domain.customers.model import Customer
from domain.customers.ports import CustomerList
from domain.customers.sla.rule import ResponseRule
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM
from domain.shared.background import BackgroundJob, Every
from domain.shared.errors import DomainError
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, IdGenerator

log = logging.getLogger("error.customers")

_INTERVAL_SECONDS: Final = 15.0
_BATCH_SIZE: Final = 200


class ResponseWatch:
    def __init__(
        self, customers: CustomerUnitOfWork, listing: CustomerList, rule: ResponseRule, clock: Clock, ids: IdGenerator
    ) -> None:
        self._customers = customers
        self._listing = listing
        self._rule = rule
        self._clock = clock
        self._ids = ids

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        name = "customer-first-responses"
        return (BackgroundJob(name, Every(_INTERVAL_SECONDS), self.run_due, lease_seconds=_INTERVAL_SECONDS * 4),)

    async def run_due(self) -> None:
        """Saves each breach with its event. Repeating it, also in several processes, announces a breach once.

        Raises Unavailable.
        """
        limit = self._rule.breached_before(self._clock.now())
        for customer_id in await self._listing.unannounced_breaches(limit, _BATCH_SIZE):
            try:
                await self._customers.change(customer_id, self._announced, SYSTEM, also=self._events)
            except DomainError as error:  # it stays due and is retried; the other customers go on
                log.warning("customers.breach_failed", extra={"customer": customer_id, "code": error.code})

    def _announced(self, customer: Customer, now: datetime) -> Customer:
        since = customer.breach_unannounced_since
        # Followed up or assigned to another owner since the query: it is no breach any more.
        late = since is not None and since < self._rule.breached_before(now)
        return customer.with_fields(breach_announced_at=now) if late else customer

    def _events(self, customer: Customer) -> Sequence[DomainEvent]:
        since = customer.response_awaited_since
        if since is None:
            return []
        return [
            ResponseBreached(
                id=self._ids.next_id(),
                at=self._clock.now(),
                card=card_of(customer, customer.next_version),
                actor=SYSTEM.ref(),
                assigned_at=since,
                due_at=self._rule.due_at(since),
            )
        ]
