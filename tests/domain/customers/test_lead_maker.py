"""A behaviour gets one customer and one notification, also when its follower was interrupted after any step."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.customers.behaviour.events import CustomerActed
from domain.customers.behaviour.lead_maker import LeadMaker
from domain.customers.behaviour.model import Behaviour, BehaviourKind
from domain.customers.levels import LeadLevel
from domain.customers.stages import Stage
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from tests.domain.customers.builders import NOW, a_customer
from tests.domain.customers.memory import MemoryBehaviour, MemoryStaff, Office
from tests.domain.customers.test_account_links import PHONE, Accounts


class Leads:
    def __init__(self, behaviour: MemoryBehaviour | None = None) -> None:
        self.office, self.accounts, self.behaviour = Office(), Accounts(), behaviour or MemoryBehaviour()
        work, ids = self.office.work, self.office.ids
        self.maker = LeadMaker(self.behaviour, work, self.office.by_phone, self.accounts, MemoryStaff(), ids)

    async def received(self, **fields: object) -> str:
        values = {"action": BehaviourKind.WEBSITE_LEAD, "phone": PHONE, "name": "王女士", "at": NOW, **fields}
        behaviour = Behaviour.model_validate({"id": self.office.ids.next_id(), **values})
        await self.behaviour.save(behaviour, [])
        return behaviour.id

    def told(self) -> list[CustomerActed]:
        return [event for event in self.behaviour.events if isinstance(event, CustomerActed)]


async def test_a_website_lead_has_no_owner_and_is_not_a_deal() -> None:
    leads = Leads()
    await leads.maker.settle(await leads.received(content="明年三月"))

    [customer] = leads.office.customers.stored.values()
    assert (customer.lead_source, customer.contract_status, customer.lead_level) == ("官网", Stage.PENDING, LeadLevel.B)
    assert (customer.assigned_to, customer.created_by, customer.remarks) == ("", "website", "明年三月")
    [stored] = leads.behaviour.stored.values()
    assert (stored.customer_id, stored.phone, stored.name) == (customer.id, "", "")
    assert [event.is_new for event in leads.told()] == [True]


async def test_a_known_phone_makes_no_customer_and_changes_no_field_of_it() -> None:
    leads = Leads()
    known = await leads.office.customers.save(a_customer(phone=PHONE, assigned_to="seller-1"), [])
    later = NOW.replace(hour=5)
    await leads.maker.settle(await leads.received(name="别人", at=later))

    [customer] = leads.office.customers.stored.values()
    assert (customer.name, customer.lead_source, customer.last_activity_at) == (known.name, known.lead_source, later)
    assert [(event.is_new, event.card.owner_id) for event in leads.told()] == [(False, "seller-1")]


async def test_simultaneous_leads_of_one_phone_make_one_customer() -> None:
    leads = Leads()
    received = [await leads.received() for _ in range(5)]
    await asyncio.gather(*(leads.maker.settle(each) for each in (*received, *received)))

    assert len(leads.office.customers.stored) == 1
    assert sorted(event.is_new for event in leads.told()) == [False] * 4 + [True]


class Interrupted(MemoryBehaviour):
    """The process dies before its last write."""

    dies = True

    async def save(self, entity: Behaviour, events: Sequence[DomainEvent]) -> Behaviour:
        if entity.customer_id and self.dies:
            raise Unavailable
        return await super().save(entity, events)


async def test_an_interrupted_lead_is_told_once_as_new() -> None:
    interrupted = Interrupted()
    leads = Leads(interrupted)
    received = await leads.received()
    with pytest.raises(Unavailable):
        await leads.maker.settle(received)
    interrupted.dies = False
    for _ in range(2):
        await leads.maker.settle(received)

    assert len(leads.office.customers.stored) == 1
    assert [event.is_new for event in leads.told()] == [True]


async def test_an_action_without_a_verified_phone_waits_for_it() -> None:
    leads = Leads()
    leads.accounts.phones["u1"] = ""
    action = {"action": BehaviourKind.BOOK_SERVICE, "user_id": "u1", "phone": "", "name": ""}
    await leads.maker.settle(await leads.received(**action, advisor_id="seller-7"))
    assert leads.office.customers.stored == {}

    leads.accounts.phones["u1"] = PHONE
    await leads.maker.settle_waiting_of("u1")

    [customer] = leads.office.customers.stored.values()
    assert (customer.phone, customer.mini_user_id, customer.openid) == (PHONE, "u1", "o-u1")
    assert (customer.assigned_to, customer.wechat_id) == ("seller-7", "")
    await leads.maker.settle(await leads.received(**action, advisor_id="nobody"))
    assert len(leads.office.customers.stored) == 1
