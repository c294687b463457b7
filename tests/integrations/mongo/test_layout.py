"""Documents of an earlier layout are converted at the first start, and an interrupted conversion goes on."""

from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from pydantic import ValidationError
from redis.asyncio import Redis

from domain.shared.events import STREAM_START
from domain.shared.paging import PageRequest
from domain.users.errors import PhoneBound
from domain.users.user_query import UserQuery
from integrations.mongo.contracts.repository import MongoContractRepository
from integrations.mongo.layout import convert_documents, convert_layout
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_recovery import OutboxRecovery
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.users.listing import MongoUserList
from integrations.mongo.users.users import MongoUserRepository
from integrations.redis.bus import StreamBus
from tests.domain.contracts.builders import a_contract_with_all_fields
from tests.domain.users.builders import APP_ID, NOW, a_user
from tests.realtime.realtime_process import user_changed

Store = AsyncIOMotorDatabase[dict[str, Any]]


def a_former_document(number: int, **more: Any) -> dict[str, Any]:
    """An account as the layout before stored it."""
    openid = f"o{number:04d}"
    return {
        "_id": ObjectId(f"{number:024x}"),
        "openid": openid,
        "identities": [{"appid": APP_ID, "openid": openid}],
        "nickname": "小王",
        "status": "active",
        "loginCount": number,
        "lastLoginAt": NOW,
        "createdAt": NOW,
        "updatedAt": NOW,
        "version": 3,
        "outbox": [],
        "_identityKeys": [f"{APP_ID}:{openid}"],
        "_state": "active",
        "_hasPhone": False,
        "_province": "未知",
        "_terms": ["小", "王", "小王", f"openid:{openid}"],
        **more,
    }


@pytest.fixture
async def users(database: Store) -> MongoUserRepository:
    collection = database["miniprogram_users"]
    await collection.create_index("_identityKeys", name="identity_keys", unique=True, sparse=True)
    await collection.create_index("outbox.id", name="outbox")
    await collection.insert_many([a_former_document(number) for number in range(1, 24)])
    return MongoUserRepository(database, Outbox(database))


async def test_converted_accounts_are_found_listed_and_unique(users: MongoUserRepository, database: Store) -> None:
    await database["miniprogram_users"].update_one(
        {"_id": ObjectId(f"{7:024x}")}, {"$set": {"phone": "13800138000", "_hasPhone": True}}
    )
    await users.create_indexes()

    assert await convert_layout(database, users, batch=10) == 23
    assert await convert_layout(database, users) == 0

    found = await users.find_by_identity(APP_ID, "o0014")
    assert found is not None
    assert found.login_count == 14
    page = await MongoUserList(users).page(UserQuery(search="小王", now=NOW), PageRequest(page=1, page_size=10))
    assert page.total == 23
    with pytest.raises(PhoneBound):
        await users.save(a_user("onew", phone="13800138000"), ())
    document = await database["miniprogram_users"].find_one({"_id": ObjectId(found.id)})
    assert document is not None
    assert [name for name in document if name.startswith("_")] == ["_id", "_keys"]
    assert set(await database["miniprogram_users"].index_information()) == {"_id_", "keys"}


async def test_an_interrupted_conversion_goes_on_where_it_ended(users: MongoUserRepository, database: Store) -> None:
    await users.create_indexes()
    await database["layouts"].insert_one(
        {"_id": "miniprogram_users", "converting": users.layout, "after": ObjectId(f"{20:024x}")}
    )

    assert await convert_layout(database, users) == 3


async def test_each_later_layout_converts_all_documents_again(users: MongoUserRepository, database: Store) -> None:
    await users.create_indexes()
    await convert_layout(database, users)
    seventh = ObjectId(f"{7:024x}")
    await database["miniprogram_users"].update_one({"_id": seventh}, {"$set": {"phone": "13800138000"}})
    await database["layouts"].update_one(
        {"_id": "miniprogram_users"},
        {"$set": {"layout": users.layout - 1, "converting": users.layout - 1, "after": ObjectId("f" * 24)}},
    )

    assert await convert_layout(database, users) == 23

    page = await MongoUserList(users).page(UserQuery(search="8000", now=NOW), PageRequest(page=1, page_size=10))
    assert [each.id for each in page.list] == [str(seventh)]


async def test_unrelayed_events_of_the_former_layout_are_relayed(
    users: MongoUserRepository, database: Store, redis: Redis
) -> None:
    records = [user_changed(version).to_record() for version in (4, 5)]
    await database["miniprogram_users"].insert_one(a_former_document(9_000, outbox=records))
    await users.create_indexes()
    await convert_layout(database, users)

    bus, registry = StreamBus(redis, redis, CollectorRegistry()), CollectorRegistry()
    outbox = Outbox(database)
    recovery = OutboxRecovery(outbox, database, [users], OutboxRelay(outbox, {}, bus, registry))
    assert await recovery.recover_dead() == 2

    published = [entry.event.id for entry in await bus.history(STREAM_START, "+")]
    assert published == [record["id"] for record in records]


async def test_a_document_that_cannot_be_read_or_collides_is_left_and_the_others_are_converted(
    users: MongoUserRepository, database: Store
) -> None:
    await database["miniprogram_users"].insert_many(
        [
            a_former_document(8_000, status="who knows", _identityKeys=[f"{APP_ID}:o8000"]),
            a_former_document(8_001, phone="13900139000"),
            a_former_document(8_002, phone="13900139000"),
        ]
    )
    await users.create_indexes()

    await convert_layout(database, users)

    with pytest.raises(ValidationError):  # as before: no other account gets the openid of one that cannot be read
        await users.find_by_identity(APP_ID, "o8000")
    first = await users.find_by_phone("13900139000")
    assert first is not None
    assert first.id == f"{8_001:024x}"
    second = await users.find_by_identity(APP_ID, "o8002")
    assert second is not None
    assert second.id == f"{8_002:024x}"


async def test_contracts_of_the_former_layout_are_searched_and_listed_by_person(database: Store) -> None:
    contracts = MongoContractRepository(database, Outbox(database))
    terms = database["contract_terms"]
    await terms.create_index("terms", name="by_term")
    contract = await contracts.save(a_contract_with_all_fields(), [])
    await terms.replace_one({"_id": ObjectId(contract.id)}, {"terms": ["旧"]})  # without version and people

    await contracts.create_indexes()
    await convert_layout(database, contracts)

    assert await contracts.matching("旧") == []
    assert [each.id for each in await contracts.of_customer_phone(contract.customer_phone)] == [contract.id]


async def test_a_document_that_is_saved_while_it_is_converted_keeps_its_new_values(
    users: MongoUserRepository, database: Store
) -> None:
    class Interleaved(MongoUserRepository):
        async def complete_saves(self, ids: Any) -> None: ...

        def from_document(self, document: dict[str, Any]) -> Any:
            saved_meanwhile.append(document["_id"])
            return super().from_document(document)

    saved_meanwhile: list[ObjectId] = []
    key = ObjectId(f"{3:024x}")
    await users.create_indexes()
    await database["miniprogram_users"].update_one({"_id": key}, {"$set": {"version": 4, "_keys": ["phone:1"]}})
    stale = await database["miniprogram_users"].find_one({"_id": key})
    assert stale is not None

    await convert_documents(database, Interleaved(database, Outbox(database)), [stale | {"version": 3}])

    document = await database["miniprogram_users"].find_one({"_id": key})
    assert document is not None
    assert saved_meanwhile == [key]
    assert document["_keys"] == ["phone:1"]
