"""Durable follower of contracts: sets the stage that follows from the present standing of a customer's contracts."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from domain.contracts.events import CustomerFollowUpDue
from domain.customers.errors import CustomerNotFound
from domain.customers.ports import ContractStandings
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock
from domain.shared.retry import retry_on_conflict

_FOLLOWING: Final = SYSTEM.model_copy(update={"action": "customer.follow-contracts"})


class ContractFollower:
    """An event says that the contracts have changed, not how: they are read again. So events may come in any order and
    more than once."""

    def __init__(self, customers: CustomerUnitOfWork, contracts: ContractStandings, clock: Clock) -> None:
        self._customers = customers
        self._contracts = contracts
        self._clock = clock

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        due = {event.customer_id: None for event in events if isinstance(event, CustomerFollowUpDue)}
        for customer_id in due:
            await retry_on_conflict(partial(self._recompute, customer_id))

    async def _recompute(self, customer_id: str) -> None:
        try:
            # Before the contracts: of two concurrent rounds, the one that read older contracts conflicts.
            before = await self._customers.find(customer_id)
        except CustomerNotFound:  # deleted, or a reference of the former system to nothing
            return
        standing = await self._contracts.of_customer(customer_id)
        after = before.following_contracts(standing, self._clock.now())
        if after is not before:
            await self._customers.save(before, after, _FOLLOWING)
