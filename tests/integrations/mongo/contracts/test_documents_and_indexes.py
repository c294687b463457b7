"""The document of a contract for legacy readers, and the index of each query."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import monitoring
from redis.asyncio import Redis

from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.events import ContractStatusChanged
from domain.contracts.history import Cause
from domain.contracts.lifecycle import transition
from domain.contracts.statuses import ContractStatus as S
from domain.shared.actor import SYSTEM
from domain.shared.errors import Conflict
from integrations.mongo.contracts.repository import INDEXES, MongoContractRepository
from integrations.mongo.outbox import Outbox
from tests.domain.contracts.builders import (
    NOW,
    STAFF,
    a_contract,
    a_contract_with_all_fields,
    active,
    id_card,
    signing,
    with_attempt,
)
from tests.domain.contracts.harness import SettableClock
from tests.domain.sequential_ids import SequentialIds
from tests.integrations.mongo.contracts.test_repository import Store

Client = AsyncIOMotorClient[dict[str, Any]]

FIELDS: dict[str, type | tuple[type, ...]] = {
    "contractNumber": str,
    "orderCategory": str,
    "contractType": str,
    "customerName": str,
    "customerPhone": str,
    "customerIdCard": str,
    "customerAddress": str,
    "customerId": ObjectId,
    "workerName": str,
    "workerPhone": str,
    "workerIdCard": str,
    "workerAddress": str,
    "workerId": ObjectId,
    "startDate": datetime,
    "endDate": datetime,
    "workerSalary": (int, float),
    "customerServiceFee": (int, float),
    "workerServiceFee": (int, float),
    "deposit": (int, float),
    "finalPayment": (int, float),
    "expectedDeliveryDate": datetime,
    "salaryPaymentDay": int,
    "monthlyWorkDays": int,
    "remarks": str,
    "createdBy": ObjectId,
    "lastUpdatedBy": ObjectId,
    "trainingLeadId": ObjectId,
    "courseAmount": (int, float),
    "serviceFeeAmount": (int, float),
    "intendedCourses": list,
    "consultPosition": str,
    "esignContractNo": str,
    "esignStatus": str,
    "esignCreatedAt": datetime,
    "esignSignedAt": datetime,
    "esignTemplateNo": str,
    "templateParams": dict,
    "isLatest": bool,
    "contractStatus": str,
    "replacedByContractId": ObjectId,
    "replacesContractId": ObjectId,
    "changeDate": datetime,
    "serviceDays": int,
    "onboardStatus": str,
    "onboardConfirmedAt": datetime,
    "onboardConfirmedBy": str,
    "paymentEnabled": bool,
    "paymentStatus": str,
    "paymentAmount": int,
    "paidAt": datetime,
    "sqbSn": str,
    "graduatedAt": datetime,
    "refundedAt": datetime,
    "insuranceSyncPending": bool,
    "insuranceSyncStatus": str,
    "insuranceSyncError": str,
    "insuranceSyncedAt": datetime,
    "lastProfileSyncedAt": datetime,
    "lastProfileSyncSource": str,
    "createdAt": datetime,
    "updatedAt": datetime,
}
"""Names and types of the legacy fields. Sign links are not stored; they are requested on demand."""


@pytest.fixture
async def contracts(database: Store, redis: Redis) -> MongoContractRepository:
    stores = MongoContractRepository(database, Outbox(database))
    await stores.create_indexes()
    return stores


async def raw(contracts: MongoContractRepository, contract_id: str) -> dict[str, Any]:
    document = await contracts.collection.find_one({"_id": ObjectId(contract_id)})
    assert document is not None
    return document


async def test_legacy_fields_keep_their_names_and_types(contracts: MongoContractRepository) -> None:
    full = a_contract_with_all_fields().with_fields(esign_created_at=NOW)
    await contracts.save(full, [])

    document = await raw(contracts, full.id)

    assert {name for name in FIELDS if not isinstance(document.get(name), FIELDS[name])} == set()


async def test_yuan_are_written_beside_the_fen(contracts: MongoContractRepository) -> None:
    full = a_contract_with_all_fields()
    await contracts.save(full, [])
    document = await raw(contracts, full.id)

    assert (document["workerSalary"], document["workerSalaryFen"]) == (8800, 880_000)
    assert (document["deposit"], document["depositFen"]) == (200.5, 20_050)
    assert (document["finalPayment"], document["finalPaymentFen"]) == (999_999_999_999.99, 99_999_999_999_999)
    assert (document["courseAmount"], document["courseAmountFen"]) == (0, 0)
    assert document["paymentAmount"] == 300_000  # in fen, like the stored field of the legacy system

    await contracts.collection.update_one({"_id": document["_id"]}, {"$set": {"workerSalary": 1}})
    found = await contracts.find(full.id)
    assert found is not None
    assert found.worker_salary_fen == 880_000


async def test_days_are_stored_as_midnight_and_read_in_every_notation(
    contracts: MongoContractRepository,
) -> None:
    saved = await contracts.save(a_contract(start_date=date(2026, 5, 1)), [])
    document = await raw(contracts, saved.id)
    assert document["startDate"] == datetime(2026, 5, 1, tzinfo=UTC)

    in_shanghai = datetime(2026, 4, 30, 16, tzinfo=UTC)
    await contracts.collection.update_one({"_id": document["_id"]}, {"$set": {"startDate": in_shanghai}})

    found = await contracts.find(saved.id)
    assert found is not None
    assert found.start_date == date(2026, 5, 1)


async def test_unset_fields_are_not_stored_and_are_removed(contracts: MongoContractRepository) -> None:
    saved = await contracts.save(a_contract(remarks="备注", deposit_fen=100), [])

    await contracts.save(saved.changed(NOW, Cause.EDITED, STAFF, remarks="", deposit_fen=None), [])

    document = await raw(contracts, saved.id)
    assert not {"remarks", "deposit", "depositFen", "esignContractNo", "sqbSn", "idempotencyKey"} & set(document)
    assert not [name for name, value in document.items() if value in (None, "")]


async def test_a_legacy_document_with_a_name_as_creator_is_read(contracts: MongoContractRepository) -> None:
    saved = await contracts.save(a_contract(created_by="zhang_manager"), [])

    found = await contracts.find(saved.id)

    assert found is not None
    assert found.created_by == "zhang_manager"


async def test_a_contract_and_its_events_are_one_write(database: Store, mongodb_uri: str, redis: Redis) -> None:
    commands = Commands()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        mongodb_uri, tz_aware=True, event_listeners=[commands]
    )
    watched = MongoContractRepository(client[database.name], Outbox(database))
    await watched.create_indexes()
    facts = ContractChangeEvents(SettableClock(), SequentialIds())
    draft = a_contract()
    commands.seen.clear()

    saved = await watched.save(draft, facts.of(None, draft, SYSTEM))
    begun = transition(saved, S.SIGNING, STAFF, NOW, **with_attempt(saved))
    events = facts.of(saved, begun, SYSTEM)
    await watched.save(begun, events)

    made, begun_later = [name for name, _ in commands.seen[:2]], [name for name, _ in commands.seen[2:]]
    assert made == ["insert", "update"]  # the search index, which later steps do not write
    assert begun_later == ["update"]
    document = await raw(watched, draft.id)
    assert [entry["type"] for entry in document["outbox"]][-len(events) :] == [event.type for event in events]
    assert any(isinstance(event, ContractStatusChanged) for event in events)
    client.close()


async def test_a_refused_save_publishes_no_events(contracts: MongoContractRepository) -> None:
    facts = ContractChangeEvents(SettableClock(), SequentialIds())
    saved = await contracts.save(a_contract(), [])
    begun = transition(saved, S.SIGNING, STAFF, NOW, **with_attempt(saved))
    await contracts.save(saved.changed(NOW, Cause.EDITED, STAFF), [])

    with pytest.raises(Conflict):
        await contracts.save(begun, facts.of(saved, begun, SYSTEM))

    assert (await raw(contracts, saved.id))["outbox"] == []


class Commands(monitoring.CommandListener):
    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.seen.append((event.command_name, dict(event.command)))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture
async def watched(
    database: Store, mongodb_uri: str, redis: Redis
) -> AsyncIterator[tuple[MongoContractRepository, Commands]]:
    """A store whose every command is seen, with contracts in all stages."""
    commands = Commands()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        mongodb_uri, tz_aware=True, event_listeners=[commands]
    )
    store = MongoContractRepository(client[database.name], Outbox(database))
    await store.create_indexes()
    await store.save(a_contract_with_all_fields(), [])
    for number in range(2, 12):
        await store.save(signing(number).with_fields(esign_next_poll_at=NOW), [])
        await store.save(active(number + 100, worker_id="b" * 24, customer_id="a" * 24), [])
    commands.seen.clear()
    yield store, commands
    client.close()


async def test_every_query_uses_its_index(watched: tuple[MongoContractRepository, Commands]) -> None:
    store, commands = watched
    contract = a_contract_with_all_fields()

    await store.find(contract.id)
    await store.find_all([contract.id, "2" * 24])
    await store.find_by_number(contract.contract_number)
    await store.find_by_esign_no(contract.esign_contract_no)
    await store.find_by_idempotency_key("key-1")
    await store.of_customer_phone(contract.customer_phone)
    await store.of_customer_id_card(contract.customer_id_card)
    await store.of_customer("a" * 24)
    await store.of_worker("b" * 24)
    await store.of_worker_id_card(id_card(1, "19751111"))
    await store.matching("王芳")
    await store.due_for_polling(NOW, 50)
    await store.due_for_expiry(date(2026, 10, 31) - timedelta(days=30), 50)
    await store.save(active(500), [])

    finds = [command for name, command in commands.seen if name == "find"]
    assert {name for name, _ in commands.seen} == {
        "find",
        "insert",
        "update",
    }  # search terms are in a collection of their own
    read = [await _index_of(store, command) for command in finds]
    assert read == [
        *("_id_", "_id_", "keys", "keys", "keys"),
        *("by_customer_phone", "_id_", "by_customer_card", "_id_", "by_customer", "_id_"),
        *("by_worker", "_id_", "by_worker_card", "_id_"),
        *("by_term", "by_next_poll", "by_expiry"),
    ]


async def test_every_index_serves_a_query(contracts: MongoContractRepository) -> None:
    there = await contracts.collection.index_information()

    assert set(there) == {
        *("_id_", "keys", *INDEXES),
    }


async def _index_of(store: MongoContractRepository, command: dict[str, Any]) -> str:
    """The index that the winning plan reads."""
    asked = {name: command[name] for name in ("find", "filter", "sort", "limit", "projection") if name in command}
    plan = (await store.collection.database.command("explain", asked))["queryPlanner"]["winningPlan"]
    while "inputStage" in plan:
        plan = plan["inputStage"]
    return "_id_" if plan["stage"] == "IDHACK" else str(plan.get("indexName", plan["stage"]))
