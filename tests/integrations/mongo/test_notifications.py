"""The store of notifications: its promises, held by MongoDB and by the store of the domain tests, and older rows."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.notifications.audience import Visibility
from domain.notifications.model import Dispatch, NotificationContent, Recipient, RecordOwners, row_id
from domain.notifications.ports import NotificationQuery, NotificationStore, UnreadGroup
from domain.notifications.templates import NotificationTemplate
from domain.shared.errors import Conflict
from domain.shared.notifications import Priority, RecordRef
from domain.shared.paging import PageRequest
from integrations.mongo.notifications import MongoNotifications, MongoNotificationTemplates
from integrations.mongo.outbox import Outbox
from tests.domain.contracts.builders import NOW
from tests.domain.notifications.memory import MemoryNotifications

Database = AsyncIOMotorDatabase[dict[str, Any]]
WANG, LI = "a" * 24, "b" * 24
EVERYTHING, FIRST = Visibility(), PageRequest()
OF_WANG, OF_LI = ("contract", f"contract:{WANG}"), ("contract", f"contract:{LI}")


@pytest.fixture(params=["mongodb", "memory"])
async def store(request: pytest.FixtureRequest, database: Database) -> NotificationStore:
    if request.param == "memory":
        return MemoryNotifications()
    rows = MongoNotifications(database)
    await rows.create_indexes()
    return rows


def a_dispatch(number: int = 1, *people: str, kind: str = "THING", **more: Any) -> Dispatch:
    content = {"type": kind, "title": f"第 {number} 条", "about": RecordRef(kind="thing", id=str(number)), **more}
    fact = f"fact-{number}"
    to = tuple(Recipient(id=row_id(each, kind, fact), user_id=each) for each in people or (WANG,))
    return Dispatch(content=NotificationContent(**content), fact=fact, to=to, at=NOW + timedelta(minutes=number))


def a_merge(number: int, fact: str, *people: str) -> Dispatch:
    """A fact that joins the rows of `people`."""
    to = tuple(Recipient(id=row_id(each, "THINGS", "bucket"), user_id=each) for each in people)
    content = NotificationContent(type="THINGS", title=f"第 {number} 条")
    return Dispatch(content=content, fact=fact, to=to, at=NOW + timedelta(minutes=number), merges=True)


async def titles(store: NotificationStore, user_id: str = WANG, visible: Visibility = EVERYTHING, **more: Any) -> Any:
    page = await store.page(user_id, visible, NotificationQuery(**more), FIRST)
    assert page.total == len(page.list)
    return [row.title for row in page.list]


async def unread(store: NotificationStore, *user_ids: str) -> dict[str, int]:
    groups = await store.unread_groups(user_ids)
    return {each: sum(group.count for group in groups if group.user_id == each) for each in user_ids}


async def test_a_row_is_loaded_with_all_its_fields_and_stored_once(store: NotificationStore) -> None:
    dispatch = a_dispatch(
        title_en="First",
        content="内容",
        content_en="Content",
        priority=Priority.HIGH,
        icon="contract",
        color="danger",
        action_url="#/contracts",
        action_text="查看",
        action_text_en="View",
        data={"customerName": "王芳", "reason": {"zh": "拒签", "en": "Declined"}},
        scope=("contract", f"contract:{WANG}"),
        sent_at=NOW,
    )

    await store.add([dispatch])
    await store.add([dispatch.model_copy(update={"content": NotificationContent(type="THING", title="重复")})])

    (row,) = (await store.page(WANG, EVERYTHING, NotificationQuery(), FIRST)).list
    shared = {name: getattr(row, name) for name in NotificationContent.model_fields}
    assert NotificationContent(**shared) == dispatch.content
    assert (row.id, row.user_id, row.status, row.count) == (dispatch.to[0].id, WANG, "SENT", 1)
    assert (row.created_at, row.updated_at, row.read_at) == (dispatch.at, dispatch.at, None)


async def test_a_write_that_some_rows_refuse_stores_the_others(store: NotificationStore) -> None:
    await store.add([a_dispatch(1, WANG)])

    await store.add([a_dispatch(1, WANG, LI), a_dispatch(2, LI)])

    assert await titles(store, WANG) == ["第 1 条"]
    assert await titles(store, LI) == ["第 2 条", "第 1 条"]


async def test_merged_facts_count_once_each_and_make_the_row_unread(store: NotificationStore) -> None:
    first = await store.merge(a_merge(1, "one", WANG, LI))
    await store.mark_read(WANG, [first[0].id], NOW)

    second = await store.merge(a_merge(2, "two", WANG))
    again = await store.merge(a_merge(3, "one", WANG, LI))

    assert [each.count for each in first] == [1, 1]
    assert [each.count for each in second] == [2]
    assert [each.count for each in again] == [2, 1]
    (row,) = (await store.page(WANG, EVERYTHING, NotificationQuery(), FIRST)).list
    assert (row.title, row.count, row.status, row.read_at) == ("第 2 条", 2, "SENT", None)
    assert row.created_at == NOW + timedelta(minutes=2)
    assert await unread(store, WANG, LI) == {WANG: 1, LI: 1}


async def test_facts_that_are_merged_at_the_same_time_are_all_counted(store: NotificationStore) -> None:
    await asyncio.gather(*(store.merge(a_merge(number, f"fact-{number % 6}", WANG, LI)) for number in range(12)))

    rows = [(await store.page(each, EVERYTHING, NotificationQuery(), FIRST)).list for each in (WANG, LI)]
    assert [[row.count for row in found] for found in rows] == [[6], [6]]


async def test_the_newest_owners_of_a_record_are_kept_in_any_order(store: NotificationStore) -> None:
    record, other = RecordRef(kind="thing", id="1"), RecordRef(kind="thing", id="2")
    of_li = RecordOwners(about=record, owners=(LI,), at=NOW + timedelta(seconds=1))
    older = RecordOwners(about=record, owners=(WANG,), at=NOW)

    assert await store.keep_owners(of_li) == of_li
    assert await store.keep_owners(older) == of_li
    assert await store.keep_owners(of_li) == of_li
    assert await store.kept_owners([record, other, record]) == [of_li]


async def test_lists_are_filtered_newest_first_and_paged(store: NotificationStore) -> None:
    await store.add([a_dispatch(number) for number in range(1, 5)])
    await store.add([a_dispatch(9, kind="OTHER", about=RecordRef(kind="interview", id="x"))])
    (newest,) = (await store.page(WANG, EVERYTHING, NotificationQuery(), PageRequest(page_size=1))).list
    await store.mark_read(WANG, [newest.id], NOW)

    page = await store.page(WANG, EVERYTHING, NotificationQuery(status="unread"), PageRequest(page=2, page_size=3))

    assert ([row.title for row in page.list], page.total) == (["第 1 条"], 4)
    assert await titles(store, status="read") == ["第 9 条"]
    assert await titles(store, type="OTHER") == await titles(store, kind="interview") == ["第 9 条"]
    assert await titles(store, since=NOW + timedelta(minutes=4)) == ["第 9 条", "第 4 条"]
    assert (await titles(store, type="THING"))[0] == "第 4 条"
    assert await titles(store, LI, type="THING") == []


async def test_what_a_reader_may_not_see_is_in_no_list_and_is_not_marked(store: NotificationStore) -> None:
    await store.add([a_dispatch(1, scope=OF_WANG), a_dispatch(2, scope=OF_LI), a_dispatch(3)])
    await store.add([a_dispatch(4, kind="HIDDEN"), a_dispatch(5, kind="FREE", scope=("free", f"free:{LI}"))])
    visible = Visibility(("HIDDEN",), frozenset({"free", f"contract:{WANG}", "contract:other"}))
    everything = (await store.page(WANG, EVERYTHING, NotificationQuery(), FIRST)).list

    assert await titles(store, visible=visible) == ["第 5 条", "第 3 条", "第 1 条"]
    assert await titles(store, visible=visible, type="HIDDEN") == []
    assert await titles(store, visible=visible, status="unread", type="THING") == ["第 3 条", "第 1 条"]
    shown = {row.id for row in everything if visible.shows(row.type, row.scope)}
    assert await store.visible_ids(WANG, visible, [row.id for row in everything]) == shown
    assert await store.visible_ids(LI, EVERYTHING, [row.id for row in everything]) == set()

    assert await store.mark_all_read(WANG, visible, NOW + timedelta(minutes=3), NOW) == 2
    assert await titles(store, status="unread") == ["第 5 条", "第 4 条", "第 2 条"]


async def test_unread_rows_are_counted_by_what_decides_who_sees_them(store: NotificationStore) -> None:
    await store.add([a_dispatch(1, WANG, LI, scope=OF_LI), a_dispatch(2, scope=OF_LI), a_dispatch(3, kind="FREE")])
    (newest,) = (await store.page(LI, EVERYTHING, NotificationQuery(), FIRST)).list

    found = await store.unread_groups([WANG, LI, "c" * 24])
    await store.mark_read(LI, [newest.id], NOW)

    expected = [
        UnreadGroup(user_id=WANG, type="THING", scope=OF_LI, count=2),
        UnreadGroup(user_id=WANG, type="FREE", count=1),
        UnreadGroup(user_id=LI, type="THING", scope=OF_LI, count=1),
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert await unread(store, WANG, LI) == {WANG: 3, LI: 0}


async def test_only_own_unread_rows_are_marked_and_keep_their_first_time(store: NotificationStore) -> None:
    await store.add([a_dispatch(1, WANG, LI)])
    (own,), (theirs,) = [(await store.page(each, EVERYTHING, NotificationQuery(), FIRST)).list for each in (WANG, LI)]

    for minutes in (1, 2):
        await store.mark_read(WANG, [own.id, theirs.id], NOW + timedelta(minutes=minutes))

    assert await unread(store, WANG, LI) == {WANG: 0, LI: 1}
    (row,) = (await store.page(WANG, EVERYTHING, NotificationQuery(), FIRST)).list
    assert (row.status, row.read_at) == ("READ", NOW + timedelta(minutes=1))


async def test_the_scope_changes_for_all_rows_of_a_record_that_have_one(store: NotificationStore) -> None:
    await store.add([a_dispatch(1, WANG, LI, scope=OF_WANG), a_dispatch(2, scope=OF_WANG)])
    await store.add([a_dispatch(1, WANG, kind="FREE")])

    concerned = await store.set_scope(RecordRef(kind="thing", id="1"), OF_LI)

    assert concerned == [WANG, LI]
    assert await store.set_scope(RecordRef(kind="other", id="1"), OF_LI) == []
    scopes = [row.scope for row in (await store.page(WANG, EVERYTHING, NotificationQuery(), FIRST)).list]
    assert sorted(scopes) == [(), OF_WANG, OF_LI]


async def test_rows_of_the_former_system_are_served(database: Database) -> None:
    store = MongoNotifications(database)
    former = {
        **{"_id": ObjectId(), "userId": ObjectId(WANG), "type": "CUSTOMER_ASSIGNED", "title": "新客户"},
        **{"content": "王芳", "priority": "HIGH", "status": "SENT", "data": {"customerId": "1"}, "__v": 0},
        **{"retryCount": 0, "createdAt": NOW, "updatedAt": NOW, "icon": None, "metadata": {"a": 1}},
    }
    await database["notifications"].insert_one(former)

    (row,) = (await store.page(WANG, EVERYTHING, NotificationQuery(), FIRST)).list

    assert (row.id, row.title, row.status, row.about) == (str(former["_id"]), "新客户", "SENT", None)
    assert await unread(store, WANG) == {WANG: 1}
    await store.mark_read(WANG, [row.id], NOW)
    assert await unread(store, WANG) == {WANG: 0}


async def test_read_rows_expire_after_half_a_year(database: Database) -> None:
    await MongoNotifications(database).create_indexes()

    indexes = await database["notifications"].index_information()

    assert indexes["read"]["expireAfterSeconds"] == 180 * 24 * 3600
    assert indexes["read"]["key"] == [("readAt", 1)]


async def test_templates_are_seeded_without_overwriting_and_former_ones_can_be_saved(database: Database) -> None:
    templates = MongoNotificationTemplates(database, Outbox(database))
    former = {"type": "THING", "name": "旧", "title": "旧标题", "content": "旧", "enabled": False, "__v": 0}
    await database["notification_templates"].insert_one({**former, "_id": ObjectId(), "variables": ["x"]})
    await templates.create_indexes()
    fresh = NotificationTemplate(id="1" * 24, version=1, type="OTHER", title="新")

    for _ in range(2):
        await templates.add_missing([fresh])

    stored = {each.type: each for each in await templates.all()}
    assert (stored["OTHER"], stored["THING"].title) == (fresh, "旧标题")
    saved = await templates.save(stored["THING"].model_copy(update={"title": "改"}), [])
    assert (saved.version, saved.enabled) == (2, False)
    with pytest.raises(Conflict):
        await templates.save(NotificationTemplate(id="2" * 24, type="THING", title="又一个"), [])
