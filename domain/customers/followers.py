"""Durable follower of contracts: sets the stage that follows from the present standing of a customer's contracts, takes
over the customer's data from signed ones, and gives contracts without a customer one."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from domain.contracts.events import ContractChanged, CustomerFollowUpDue
from domain.customers.contract_customers import ContractCustomers, party_values
from domain.customers.errors import CustomerNotFound, CustomerPhoneTaken
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

    def __init__(
        self, customers: CustomerUnitOfWork, contracts: ContractStandings, of_contracts: ContractCustomers, clock: Clock
    ) -> None:
        self._customers = customers
        self._contracts = contracts
        self._of_contracts = of_contracts
        self._clock = clock

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, ContractChanged) and event.cause in ("created", "edited"):
                await self.settle(event.card.id)
        due = [event for event in events if isinstance(event, CustomerFollowUpDue)]
        wanted = [(event.customer_id, event.contract_id if event.stage == "signed" else "") for event in due]
        for customer_id, signed_id in dict.fromkeys(wanted):
            await self.recompute(customer_id, signed_id)

    async def settle(self, contract_id: str) -> None:
        """Gives a contract without a customer one, and the customer what follows from it. Idempotent."""
        found = await self._of_contracts.customer_of(contract_id)
        if found is not None:  # of contracts that had a customer, the events about signing have been followed
            await self.recompute(found.customer_id, contract_id if found.is_new else "")

    async def recompute(self, customer_id: str, signed_id: str = "") -> None:
        """The customer's stage. `signed_id`: a contract that may have just been signed: its name, phone, card and
        address replace those of the customer, unless they are blank or older than another signed contract, and once, so
        that later edits of the customer stay."""
        await retry_on_conflict(partial(self._recompute, customer_id, signed_id))

    async def _recompute(self, customer_id: str, signed_id: str) -> None:
        try:
            # Before the contracts: of two concurrent rounds, the one that read older contracts conflicts.
            before = await self._customers.find(customer_id)
        except CustomerNotFound:  # deleted, or a reference of the former system to nothing
            return
        standing, now = await self._contracts.of_customer(customer_id), self._clock.now()
        after = before.following_contracts(standing, now)
        if signed_id and (signed := await self._of_contracts.signed_data(signed_id)):
            after = after.as_signed(signed.id, party_values(signed), now)
        if after is before:
            return
        try:
            await self._customers.save(before, after, _FOLLOWING)
        except CustomerPhoneTaken:
            other = await self._customers.of_phone(after.phone)
            flagged = after.with_fields(phone=before.phone, same_phone_customer_id=other.id if other else "")
            await self._customers.save(before, flagged, _FOLLOWING)
