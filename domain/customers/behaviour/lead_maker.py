"""Durable follower of behaviour: finds or creates its customer, and notifies the owner."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from domain.customers.behaviour.events import BehaviourReceived, CustomerActed
from domain.customers.behaviour.model import BEHAVIOUR_LABELS, Behaviour
from domain.customers.behaviour.ports import BehaviourRepository, MiniAccount, MiniAccounts
from domain.customers.change_events import card_of
from domain.customers.customer_by_phone import CustomerByPhone
from domain.customers.model import Customer
from domain.customers.ports import StaffDirectory
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.shared.actor import SYSTEM, Actor
from domain.shared.events import DomainEvent
from domain.shared.ports import IdGenerator
from domain.shared.retry import retry_on_conflict

WEBSITE: Final = "官网"
"""The lead source of the website, and who makes its customers."""
MINI_PROGRAM: Final = "小程序"


class LeadMaker:
    """Each behaviour is settled once, with the save that names its customer. A repetition finds the customer that an
    interrupted one has made, since it has the id of the behaviour."""

    def __init__(
        self,
        behaviour: BehaviourRepository,
        customers: CustomerUnitOfWork,
        by_phone: CustomerByPhone,
        accounts: MiniAccounts,
        staff: StaffDirectory,
        ids: IdGenerator,
    ) -> None:
        self._behaviour = behaviour
        self._customers = customers
        self._by_phone = by_phone
        self._accounts = accounts
        self._staff = staff
        self._ids = ids

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, BehaviourReceived):
                await self.settle(event.behaviour_id)

    async def settle_waiting_of(self, user_id: str) -> None:
        """After the user has verified a phone."""
        for behaviour_id in await self._behaviour.waiting_of(user_id):
            await self.settle(behaviour_id)

    async def settle(self, behaviour_id: str) -> None:
        await retry_on_conflict(partial(self._settle, behaviour_id))

    async def _settle(self, behaviour_id: str) -> None:
        behaviour = await self._behaviour.find(behaviour_id)
        if behaviour is None or behaviour.customer_id:
            return
        account = await self._accounts.surviving(behaviour.user_id) if behaviour.user_id else None
        actor = _actor(behaviour)
        customer = await self._customer_of(behaviour, account, actor)
        if customer is None:
            return
        customer = await self._customers.change(customer.id, lambda each, now: each.active_at(behaviour.at), actor)
        acted = CustomerActed(
            id=self._ids.next_id(),
            at=behaviour.at,
            card=card_of(customer, customer.version),
            actor=actor.ref(),
            action=behaviour.action,
            is_new=customer.id == behaviour.id,
            content=behaviour.content,
        )
        await self._behaviour.save(behaviour.of_customer(customer.id), [acted])

    async def _customer_of(self, behaviour: Behaviour, account: MiniAccount | None, actor: Actor) -> Customer | None:
        """None while the person behind the behaviour is unknown."""
        if account and (linked := await self._customers.of_account(account.id)):
            return linked
        phone = account.phone if account else behaviour.phone
        if not phone:
            return None
        values = _values(behaviour, account)
        owner = await self._advisor(behaviour)
        return await self._by_phone.find_or_add(phone, values, owner, actor, new_id=behaviour.id)

    async def _advisor(self, behaviour: Behaviour) -> str:
        found = await self._staff.assignee(behaviour.advisor_id) if behaviour.advisor_id else None
        return found.id if found else ""


def _values(behaviour: Behaviour, account: MiniAccount | None) -> dict[str, Any]:
    values = {
        "name": behaviour.name or (account.nickname if account else "") or BEHAVIOUR_LABELS[behaviour.action].zh,
        "service_category": behaviour.service_category,
        "expected_start_date": behaviour.expected_start_date,
        "area": behaviour.area,
        "remarks": behaviour.content,
        "lead_source": "" if behaviour.user_id else WEBSITE,
    }
    if account:
        values |= {"mini_user_id": account.id, "openid": account.openid}
    return {name: value for name, value in values.items() if value}


def _actor(behaviour: Behaviour) -> Actor:
    """The source of the behaviour, since the name of the household is unknown."""
    name = MINI_PROGRAM if behaviour.user_id else WEBSITE
    creator = "miniprogram" if behaviour.user_id else "website"
    return SYSTEM.model_copy(update={"id": creator, "name": name, "action": f"customer.{behaviour.action}"})
