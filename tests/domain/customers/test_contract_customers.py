"""Data of signed contracts for their customers, in any order of events; customers of contracts drafted without one."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest

from domain.customers.ports import ContractParty
from domain.customers.stages import Standing
from tests.domain.customers.builders import NOW, a_customer
from tests.domain.customers.memory import Office

PHONE, OTHER_PHONE = "13800000001", "13800000002"


def a_contract(number: int = 1, **fields: Any) -> ContractParty:
    values = {"id": f"c{number}", "number": f"CON{number}", "owner_id": "seller", "is_training": False, **fields}
    return ContractParty.model_validate(values)


def signed(number: int, customer_id: str, **fields: Any) -> ContractParty:
    return a_contract(number, customer_id=customer_id, signed_at=NOW + timedelta(hours=number), **fields)


@pytest.mark.parametrize("order", list(itertools.permutations(("c1", "c2", "c1", "c2"))))
async def test_the_newest_signed_contract_fills_the_customer_in_any_order_and_once(order: tuple[str, ...]) -> None:
    office = Office()
    customer = await office.customers.save(a_customer(name="旧名", phone=PHONE, address="旧址"), [])
    book = office.book.stored
    book["c1"] = signed(1, customer.id, name="王一", phone=PHONE, address="一号")
    book["c2"] = signed(2, customer.id, name="王二", phone=OTHER_PHONE, id_card_number="110101199003070018")

    for contract_id in order:
        await office.contract_follower.recompute(customer.id, contract_id)

    found = await office.work.find(customer.id)
    assert (found.name, found.phone, found.id_card_number) == ("王二", OTHER_PHONE, "110101199003070018")
    assert (found.address, found.version) == ("旧址", 2)  # what the contract leaves blank stays


async def test_a_repeated_event_does_not_undo_a_later_edit() -> None:
    office = Office()
    customer = await office.customers.save(a_customer(phone=PHONE), [])
    office.book.stored["c1"] = signed(1, customer.id, name="王一", phone=PHONE)
    await office.contract_follower.recompute(customer.id, "c1")
    stored = await office.work.find(customer.id)
    await office.customers.save(stored.edited(NOW, "seller", name="改名"), [])

    await office.contract_follower.recompute(customer.id, "c1")

    assert (await office.work.find(customer.id)).name == "改名"


async def test_a_phone_of_another_customer_is_flagged_and_the_rest_is_taken() -> None:
    office = Office()
    other = await office.customers.save(a_customer(phone=OTHER_PHONE), [])
    customer = await office.customers.save(a_customer(phone=PHONE), [])
    office.book.stored["c1"] = signed(1, customer.id, name="王一", phone=OTHER_PHONE)
    for _ in range(2):
        await office.contract_follower.recompute(customer.id, "c1")

    found = await office.work.find(customer.id)
    assert (found.name, found.phone, found.same_phone_customer_id) == ("王一", PHONE, other.id)
    assert (await office.work.find(other.id)).phone == OTHER_PHONE


async def test_contracts_of_one_unknown_phone_make_one_customer_of_the_owner() -> None:
    office = Office()
    values = {"name": "王一", "phone": PHONE, "service_category": "月嫂"}
    office.book.stored |= {f"c{number}": a_contract(number, **values) for number in range(4)}

    await asyncio.gather(*(office.contract_follower.settle(each) for each in (*office.book.stored, "c1", "c2")))

    [customer] = office.customers.stored.values()
    assert {each.customer_id for each in office.book.stored.values()} == {customer.id}
    assert (customer.assigned_to, customer.created_by, customer.service_category) == ("seller", "contract", "月嫂")
    assert not customer.awaits_response


async def test_a_contract_signed_before_it_was_linked_still_moves_its_customer() -> None:
    office = Office()
    customer = await office.customers.save(a_customer(phone=PHONE), [])
    office.book.stored["c1"] = signed(1, "", name="王一", phone=PHONE)
    office.contracts.standings[customer.id]["c1"] = Standing.IN_FORCE

    await office.contract_follower.settle("c1")

    found = await office.work.find(customer.id)
    assert (found.name, found.contract_status) == ("王一", "已签约")


async def test_a_training_order_makes_no_customer() -> None:
    office = Office()
    office.book.stored["c1"] = a_contract(1, phone=PHONE, is_training=True)
    await office.contract_follower.settle("c1")
    assert office.customers.stored == {}
