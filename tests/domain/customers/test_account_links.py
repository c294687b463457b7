"""Customers follow the accounts of mini-program users, in whatever order their events arrive."""

import itertools
from datetime import UTC, datetime

import pytest

from domain.customers.account_links import AccountLinks
from domain.customers.behaviour.lead_maker import LeadMaker
from domain.customers.behaviour.ports import MiniAccount, MiniAccounts
from tests.domain.customers.builders import a_customer
from tests.domain.customers.memory import MemoryBehaviour, MemoryStaff, Office

PHONE, OTHER_PHONE = "13800000001", "13800000002"
AT = datetime(2026, 11, 30, tzinfo=UTC)


class Accounts(MiniAccounts):
    def __init__(self) -> None:
        self.phones: dict[str, str] = {}
        """By account that exists."""
        self.merged: dict[str, str] = {}

    async def surviving(self, user_id: str) -> MiniAccount | None:
        survivor = self.merged.get(user_id, user_id)
        return self._account(survivor) if survivor in self.phones else None

    async def with_phone(self, phone: str) -> MiniAccount | None:
        return next((self._account(each) for each, known in self.phones.items() if known == phone), None)

    def _account(self, user_id: str) -> MiniAccount:
        return MiniAccount(id=user_id, openid=f"o-{user_id}", phone=self.phones[user_id])


class Linking:
    def __init__(self) -> None:
        self.office, self.accounts = Office(), Accounts()
        work, ids = self.office.work, self.office.ids
        leads = LeadMaker(MemoryBehaviour(), work, self.office.by_phone, self.accounts, MemoryStaff(), ids)
        self.links = AccountLinks(work, self.accounts, leads)

    async def link_of(self, customer_id: str) -> tuple[str, str]:
        customer = await self.office.work.find(customer_id)
        return customer.mini_user_id, customer.openid


@pytest.mark.parametrize("order", list(itertools.permutations(("account", "customer", "account", "customer"))))
async def test_the_customer_of_a_verified_phone_is_linked_in_any_order_and_once(order: tuple[str, ...]) -> None:
    linking = Linking()
    customer = await linking.office.customers.save(a_customer(phone=PHONE), [])
    linking.accounts.phones["u1"] = PHONE

    for event in order:
        await (linking.links.settle("u1") if event == "account" else linking.links.settle_customer(customer.id))

    assert await linking.link_of(customer.id) == ("u1", "o-u1")
    assert (await linking.office.work.find(customer.id)).version == 2


async def test_an_unverified_phone_links_nobody() -> None:
    linking = Linking()
    customer = await linking.office.customers.save(a_customer(phone=PHONE), [])
    linking.accounts.phones["u1"] = ""

    await linking.links.settle("u1")
    await linking.links.settle_customer(customer.id)

    assert await linking.link_of(customer.id) == ("", "")


async def test_a_link_follows_the_number_the_merge_and_the_deletion() -> None:
    linking = Linking()
    save = linking.office.customers.save
    one, two = await save(a_customer(phone=PHONE), []), await save(a_customer(phone=OTHER_PHONE), [])
    accounts = linking.accounts.phones
    accounts |= {"u1": PHONE, "u2": ""}
    await linking.links.settle("u1")

    accounts |= {"u1": "", "u2": PHONE}  # the number moved to another account
    for user_id in ("u2", "u1", "u2"):
        await linking.links.settle(user_id)
    assert await linking.link_of(one.id) == ("u2", "o-u2")

    accounts["u2"] = OTHER_PHONE  # the account took another number, which another customer has
    await linking.links.settle("u2")
    assert (await linking.link_of(one.id), await linking.link_of(two.id)) == (("", ""), ("u2", "o-u2"))

    del accounts["u2"]
    linking.accounts.merged["u2"] = "u1"  # which has no phone
    await linking.links.settle("u2")
    assert await linking.link_of(two.id) == ("u1", "o-u1")

    del accounts["u1"]
    await linking.links.settle("u1")
    assert await linking.link_of(two.id) == ("", "")
