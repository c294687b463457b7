"""The store of the inbox: its promises, held by MongoDB and by the store of the domain tests, and its indexes."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.notifications.inbox.model import InboxRow
from domain.notifications.inbox.ports import InboxStore
from domain.shared.paging import PageRequest
from integrations.mongo.inbox import COLLECTION, INDEXES, MongoInbox
from tests.domain.contracts.builders import NOW
from tests.domain.notifications.inbox.memory import MemoryInbox

Database = AsyncIOMotorDatabase[dict[str, Any]]
PHONE, WANG, LI = "13800138000", "a" * 24, "b" * 24


@pytest.fixture(params=["mongodb", "memory"])
async def store(request: pytest.FixtureRequest, database: Database) -> InboxStore:
    if request.param == "memory":
        return MemoryInbox()
    inbox = MongoInbox(database)
    await inbox.create_indexes()
    return inbox


def a_row(number: int = 1, **fields: Any) -> InboxRow:
    values = {"phone": PHONE, "type": "contract_signed", "title": f"第 {number} 条", **fields}
    return InboxRow(id=f"{number:024x}", created_at=NOW + timedelta(minutes=number), **values)


async def numbers(store: InboxStore, user_id: str, unread_only: bool = False) -> list[int]:
    page = await store.page(user_id, unread_only, PageRequest())
    assert page.total == len(page.list)
    return [int(row.id, 16) for row in page.list]


async def test_an_adopted_row_is_loaded_with_all_its_fields(store: InboxStore) -> None:
    row = a_row(
        title_en="Signed",
        content="已签署",
        content_en="All have signed",
        contract_id="c" * 24,
        extra={"contractNumber": "CON1", "days": 3},
    )

    await store.add(row)
    await store.add(row.model_copy(update={"title": "重复"}))
    adopted = [await store.adopt(PHONE, WANG, NOW) for _ in range(2)]

    assert adopted == [True, False]
    assert (await store.page(WANG, False, PageRequest())).list == [row.model_copy(update={"user_id": WANG})]


async def test_rows_wait_for_the_account_of_their_phone_and_stay_with_it(store: InboxStore) -> None:
    await store.add(a_row(1))
    await store.add(a_row(2, phone="13900139000"))
    await store.adopt(PHONE, WANG, NOW)
    await store.add(a_row(3))

    await store.adopt(PHONE, LI, NOW)

    assert (await numbers(store, WANG), await numbers(store, LI)) == ([1], [3])


async def test_rows_are_moved_and_removed_by_account(store: InboxStore) -> None:
    for number, owner in ((1, WANG), (2, LI), (3, WANG)):
        await store.add(a_row(number, user_id=owner))

    await store.move(WANG, LI)
    await store.remove(WANG)
    assert await numbers(store, LI) == [3, 2, 1]
    await store.remove(LI)

    assert await numbers(store, LI) == []


async def test_reading_marks_rows_of_the_account_alone_and_keeps_the_first_time(store: InboxStore) -> None:
    for number, owner in ((1, WANG), (2, WANG), (3, LI)):
        await store.add(a_row(number, user_id=owner))
    later = NOW + timedelta(days=1)

    marked = [await store.mark_read(WANG, f"{number:024x}", NOW) for number in (1, 1, 3, 9)]
    unknown = await store.mark_read(WANG, "nonsense", NOW)

    assert (marked, unknown) == ([True, True, False, False], False)
    assert (await store.unread(WANG), await numbers(store, WANG, unread_only=True)) == (1, [2])
    assert (await store.mark_all_read(WANG, later), await store.unread(WANG), await store.unread(LI)) == (1, 0, 1)
    read_at = [row.read_at for row in (await store.page(WANG, False, PageRequest())).list]
    assert read_at == [later, NOW]


async def test_a_row_of_the_former_system_is_served(database: Database) -> None:
    inbox = MongoInbox(database)
    contract = ObjectId()
    former = {"phone": PHONE, "type": "payment_done", "title": "付款成功", "content": "已付款", "createdAt": NOW}
    more = {"contractId": contract, "extra": {"order": ObjectId("d" * 24)}, "isRead": True, "updatedAt": NOW, "__v": 0}
    await database[COLLECTION].insert_one(former | more)

    await inbox.adopt(PHONE, WANG, NOW)

    [row] = (await inbox.page(WANG, False, PageRequest())).list
    assert (row.contract_id, row.extra, row.title_en) == (str(contract), {"order": "d" * 24}, "")
    assert (row.is_read, row.read_at) == (True, NOW)


async def test_every_query_uses_its_index(database: Database) -> None:
    inbox = MongoInbox(database)
    await inbox.create_indexes()
    rows, there = database[COLLECTION], await database[COLLECTION].index_information()
    queries = {
        "by_account": {"userId": ObjectId(WANG)},
        "by_account_and_read": {"userId": ObjectId(WANG), "isRead": False},
        "by_phone": {"phone": PHONE, "userId": None},
    }

    assert set(there) == {"_id_", "read", *INDEXES}
    assert there["read"]["expireAfterSeconds"] == 180 * 86_400
    for name, query in queries.items():
        plan = (await rows.find(query).explain())["queryPlanner"]["winningPlan"]
        assert f"'indexName': '{name}'" in str(plan), plan
