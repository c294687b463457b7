"""Links a customer to the mini-program user who has verified the customer's phone number.

An event says that an account or a customer has changed, not how: both are read again. So events may come in any order
and more than once.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from domain.customers.behaviour.lead_maker import LeadMaker
from domain.customers.behaviour.ports import MiniAccounts
from domain.customers.errors import CustomerAccountTaken, CustomerNotFound
from domain.customers.events import CustomerChanged
from domain.customers.model import Customer
from domain.customers.unit_of_work import CustomerDecision, CustomerUnitOfWork
from domain.shared.actor import SYSTEM
from domain.shared.events import DomainEvent
from domain.shared.retry import retry_on_conflict
from domain.users.events import UserDeleted, UserPhoneVerified

_LINKING: Final = SYSTEM.model_copy(update={"action": "customer.link-account"})


class AccountLinks:
    """Durable follower of `UserPhoneVerified`, `UserDeleted` (a merge, too) and `CustomerChanged`."""

    def __init__(self, customers: CustomerUnitOfWork, accounts: MiniAccounts, leads: LeadMaker) -> None:
        self._customers = customers
        self._accounts = accounts
        self._leads = leads

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, UserPhoneVerified | UserDeleted):
                await self.settle(event.user_id)
                await self._leads.settle_waiting_of(event.user_id)
            elif isinstance(event, CustomerChanged) and event.change in ("created", "updated"):
                await self.settle_customer(event.card.id)

    async def settle_customer(self, customer_id: str) -> None:
        """Links the customer to the account that has verified its phone, unless it is linked already."""
        try:
            customer = await self._customers.find(customer_id)
        except CustomerNotFound:
            return
        if customer.phone and not customer.mini_user_id:
            account = await self._accounts.with_phone(customer.phone)
            if account is not None:
                await self.settle(account.id)

    async def settle(self, user_id: str) -> None:
        """The customer follows the account: its verified phone, its merge into another account, its deletion."""
        await retry_on_conflict(partial(self._settle, user_id), again_on=(CustomerAccountTaken,))

    async def _settle(self, user_id: str) -> None:
        account = await self._accounts.surviving(user_id)
        former = await self._customers.of_account(user_id)
        if account is None:
            await self._unlink(former)
            return
        of_phone = await self._customers.of_phone(account.phone) if account.phone else None
        present = await self._customers.of_account(account.id)
        # A customer whose number the account has verified outweighs one that it was linked to by an earlier number.
        chosen = of_phone or present or former
        if chosen is None:
            return
        for other in (former, present):
            if other is not None and other.id != chosen.id:
                await self._unlink(other)
        await self._change(chosen, lambda each, now: each.linked(account.id, account.openid, now))

    async def _unlink(self, customer: Customer | None) -> None:
        if customer is None:
            return
        former = customer.mini_user_id
        await self._change(
            customer, lambda each, now: each.linked("", "", now) if each.mini_user_id == former else each
        )

    async def _change(self, customer: Customer, decide: CustomerDecision) -> None:
        with suppress(CustomerNotFound):  # deleted meanwhile
            await self._customers.change(customer.id, decide, _LINKING)
