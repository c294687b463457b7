"""Finds or creates the customer with a phone number. Of concurrent calls, one creates it."""

from collections.abc import Mapping
from typing import Any

from domain.customers.errors import CustomerNumberTaken, CustomerPhoneTaken
from domain.customers.model import Customer
from domain.customers.new_customer import NewCustomers
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import Actor
from domain.shared.retry import retry_on_conflict


class CustomerByPhone:
    def __init__(self, customers: CustomerUnitOfWork, new_customers: NewCustomers) -> None:
        self._customers = customers
        self._new_customers = new_customers

    async def find_or_add(
        self,
        phone: str,
        values: Mapping[str, Any],
        owner: str,
        actor: Actor,
        *,
        assigned_by: str = "",
        new_id: str = "",
    ) -> Customer:
        """`values` and `owner` (may be empty) are those of a new customer, which the actor makes.

        Raises CustomerPhoneTaken for a number that a document has which cannot be read.
        """

        async def once() -> Customer:
            found = await self._customers.of_phone(phone)
            if found is not None:
                return found
            customer = self._new_customers.make({**values, "phone": phone}, actor.id, new_id=new_id)
            owned = customer.assigned(owner, assigned_by or actor.id, "", customer.created_at) if owner else customer
            return await self._customers.add(owned, actor)

        return await retry_on_conflict(once, again_on=(CustomerPhoneTaken, CustomerNumberTaken))
