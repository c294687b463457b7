"""The contract repository: optimistic locking, unique fields, lookups and searches; in MongoDB and in memory."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.contracts.board.card import card_of
from domain.contracts.errors import ContractExists, NumberTaken, PaymentIdUsed, RenewalExists, SuccessorExists
from domain.contracts.expiry import with_due_expiry_step
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.model import Contract
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.shared.errors import Conflict
from integrations.mongo.contracts.repository import MongoContractRepository
from integrations.mongo.layout import convert_layout
from integrations.mongo.outbox import Outbox
from tests.domain.contracts.builders import NOW, STAFF, a_contract, a_contract_with_all_fields, active, id_card, signing
from tests.domain.contracts.in_memory_stores import InMemoryContracts

Store = AsyncIOMotorDatabase[dict[str, Any]]
S = ContractStatus


@pytest.fixture
async def contracts(database: Store, redis: Redis) -> MongoContractRepository:
    stores = MongoContractRepository(database, Outbox(database))
    await stores.create_indexes()
    await stores.create_indexes()
    return stores


@pytest.fixture(params=["mongodb", "memory"])
def any_store(request: pytest.FixtureRequest, contracts: MongoContractRepository) -> Any:
    """Each store in turn: the in-memory one of the domain tests keeps the promises of MongoDB."""
    return InMemoryContracts() if request.param == "memory" else contracts


# Promises of both stores


async def test_a_saved_contract_is_loaded_unchanged(any_store: Any) -> None:
    saved = await any_store.save(a_contract_with_all_fields(), [])

    found = [
        await any_store.find(saved.id),
        await any_store.find_by_number(saved.contract_number),
        await any_store.find_by_esign_no(saved.esign_contract_no),
        await any_store.find_by_idempotency_key("key-1"),
    ]

    assert saved.version == 1
    assert found == [saved] * 4


async def test_empty_arguments_find_nothing(any_store: Any) -> None:
    await any_store.save(a_contract(), [])

    assert await any_store.find("") is None
    assert await any_store.find("no id at all") is None
    assert await any_store.find_by_esign_no("") is None
    assert await any_store.find_by_idempotency_key("") is None


async def test_saving_an_outdated_version_is_a_conflict(any_store: Any) -> None:
    read = await any_store.save(a_contract(), [])
    await any_store.save(read.changed(NOW, Cause.EDITED, STAFF, remarks="one"), [])

    with pytest.raises(Conflict) as refused:
        await any_store.save(read.changed(NOW, Cause.EDITED, STAFF, remarks="other"), [])

    assert type(refused.value) is Conflict
    assert (await any_store.find(read.id)).remarks == "one"


async def test_of_simultaneous_saves_one_succeeds(any_store: Any) -> None:
    read = await any_store.save(a_contract(), [])

    saves = [any_store.save(read.changed(NOW, Cause.EDITED, STAFF, remarks=f"{n}"), []) for n in range(10)]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)

    (won,) = [outcome for outcome in outcomes if isinstance(outcome, Contract)]
    assert await any_store.find(read.id) == won
    assert won.version == 2


REPLACES: dict[str, Any] = {"additional_order": True, "replaces_contract_id": "9" * 24}
RENEWS: dict[str, Any] = {"additional_order": True, "renews_contract_id": "9" * 24}


@pytest.mark.parametrize(
    ("one", "other", "failure"),
    [
        (a_contract(1), a_contract(2, contract_number="CON00000000000001"), NumberTaken),
        (signing(1), signing(2).with_fields(esign_contract_no="CON00000000000001-1"), NumberTaken),
        (active(1).with_fields(sqb_sn="sn-1"), active(2).with_fields(sqb_sn="sn-1"), PaymentIdUsed),
        (a_contract(1, idempotency_key="k"), a_contract(2, idempotency_key="k"), Conflict),
        (a_contract(1), a_contract(2, customer_phone="13800000001"), ContractExists),
        (a_contract(1, **REPLACES), a_contract(2, **REPLACES), SuccessorExists),
        (active(1, **REPLACES), a_contract(2, **REPLACES), SuccessorExists),
        (a_contract(1, **RENEWS), signing(2, **RENEWS), RenewalExists),
    ],
    ids=["number", "esign number", "payment", "key", "first order", "successor", "successor in force", "renewal"],
)
async def test_unique_fields_are_enforced(
    any_store: Any, one: Contract, other: Contract, failure: type[Conflict]
) -> None:
    await any_store.save(one, [])

    with pytest.raises(Conflict) as refused:
        await any_store.save(other, [])

    assert type(refused.value) is failure
    assert await any_store.find(other.id) is None


async def test_ended_and_deleted_contracts_do_not_block_others(any_store: Any) -> None:
    one = await any_store.save(a_contract(1, **REPLACES), [])
    two = await any_store.save(a_contract(2), [])

    await any_store.save(transition(one, S.CANCELLED, STAFF, NOW, cancel_reason=CancelReason.DISCARDED), [])
    await any_store.save(two.changed(NOW, Cause.DELETED, STAFF, deleted_at=NOW), [])

    await any_store.save(a_contract(3, **REPLACES), [])
    await any_store.save(a_contract(4, customer_phone="13800000002"), [])


async def test_an_additional_order_may_exist_beside_the_first(any_store: Any) -> None:
    await any_store.save(a_contract(1), [])

    await any_store.save(a_contract(2, customer_phone="13800000001", additional_order=True), [])

    assert len(await any_store.of_customer_phone("13800000001")) == 2


async def test_deleted_contracts_are_not_found(any_store: Any) -> None:
    contract = await any_store.save(a_contract(1, idempotency_key="k"), [])
    await any_store.save(contract.changed(NOW, Cause.DELETED, STAFF, deleted_at=NOW), [])

    assert await any_store.find(contract.id) is None
    assert await any_store.find_by_number(contract.contract_number) is None
    assert await any_store.find_by_idempotency_key("k") is None
    assert list(await any_store.of_customer_phone(contract.customer_phone)) == []
    assert list(await any_store.find_all([contract.id])) == []
    assert list(await any_store.matching("王芳")) == []
    assert [card.is_deleted async for card in any_store.cards()] == [True]


async def test_each_lookup_returns_the_newest_first(any_store: Any) -> None:
    same: dict[str, Any] = {
        "customer_phone": "13800000000",
        "customer_id": "a" * 24,
        "worker_id": "b" * 24,
        "worker_id_card": id_card(7),
    }
    for number in (1, 2, 3):
        made = NOW + timedelta(days=number)
        await any_store.save(a_contract(number, additional_order=True, created_at=made, **same), [])
    await any_store.save(a_contract(4), [])

    for found in (
        await any_store.of_customer_phone("13800000000"),
        await any_store.of_customer("a" * 24),
        await any_store.of_worker("b" * 24),
        await any_store.of_worker_id_card(id_card(7).lower()),
    ):
        assert [int(contract.id, 16) for contract in found] == [3, 2, 1]
    assert list(await any_store.of_customer("f" * 24)) == []


async def test_find_all_keeps_the_order_of_the_ids(any_store: Any) -> None:
    ids = [(await any_store.save(a_contract(number), [])).id for number in (1, 2, 3)]
    wanted = [ids[2], "nonsense", ids[0], "f" * 24]

    found = await any_store.find_all(wanted)

    assert [contract.id for contract in found] == [ids[2], ids[0]]


@pytest.mark.parametrize(
    "search",
    ["王芳", "芳", "赵阿", "138", "13800000001", "0001", "con0000", "CON00000000000001", id_card(1, "19751111")],
)
async def test_a_search_finds_parts_of_names_and_ends_of_numbers(any_store: Any, search: str) -> None:
    one = await any_store.save(a_contract(1), [])
    await any_store.save(a_contract(902, customer_name="李雷", worker_name="钱嫂"), [])

    found = list(await any_store.matching(search))

    assert found[:1] == [one.id] if search in ("138", "con0000") else found == [one.id]


@pytest.mark.parametrize("search", ["", " ", ".*", "$where", "王.", "x" * 500, "\x00"])
async def test_an_empty_or_unknown_search_term_finds_nothing(any_store: Any, search: str) -> None:
    await any_store.save(a_contract(1), [])

    assert list(await any_store.matching(search)) == []


async def test_due_contracts_for_polling_come_longest_overdue_first(any_store: Any) -> None:
    for number, seconds in ((1, 30), (2, 10), (3, 20), (4, 3600)):
        due = NOW + timedelta(seconds=seconds)
        await any_store.save(signing(number).with_fields(esign_next_poll_at=due), [])
    await any_store.save(signing(5), [])

    due = await any_store.due_for_polling(NOW + timedelta(seconds=60), 50)

    assert [int(contract_id, 16) for contract_id in due] == [2, 3, 1]
    assert len(await any_store.due_for_polling(NOW + timedelta(seconds=60), 2)) == 2


async def test_due_contracts_for_expiry_come_earliest_first(any_store: Any) -> None:
    today = date(2026, 5, 1)
    for number, days in ((1, 31), (2, 30), (3, 7), (4, 300)):
        await any_store.save(active(number, end_date=today + timedelta(days=days)), [])
    await any_store.save(signing(5, end_date=today), [])

    due = await any_store.due_for_expiry(today, 50)
    for contract_id in due:
        await any_store.save(with_due_expiry_step(await any_store.find(contract_id), NOW), [])

    assert [int(contract_id, 16) for contract_id in due] == [3, 2]
    assert list(await any_store.due_for_expiry(today, 50)) == []
    assert len(await any_store.due_for_expiry(today + timedelta(days=1), 50)) == 1


async def test_a_contract_of_a_version_with_three_reminders_gets_the_next_of_five(
    contracts: MongoContractRepository, database: Store
) -> None:
    end = date(2026, 5, 31)
    contract = await contracts.save(active(1, end_date=end, reminded=(30, 7)), [])
    day_before = datetime(2026, 5, 30, tzinfo=UTC)  # when that version would have reminded next
    await contracts.collection.update_one({}, {"$set": {"_expiryDue": day_before}})

    await convert_layout(database, contracts)

    assert await contracts.due_for_expiry(end - timedelta(days=4), 50) == []
    assert await contracts.due_for_expiry(end - timedelta(days=3), 50) == [contract.id]


async def test_cards_from_the_store_equal_the_cards_in_events(any_store: Any) -> None:
    saved = [await any_store.save(each, []) for each in (a_contract_with_all_fields(), signing(2), a_contract(3))]

    cards = {card.id: card async for card in any_store.cards()}

    assert cards == {contract.id: card_of(contract) for contract in saved}
