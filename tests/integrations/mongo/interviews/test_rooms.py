"""Interview rooms in a real store: round trips, one active room for each host, and an index for each list."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.interviews.errors import ActiveRoomExists, RoomIdTaken
from domain.interviews.record.entries import ParticipantJoined, ParticipantLeft
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import Ban, RoomStatus, Schedule
from domain.shared.errors import Conflict
from domain.shared.paging import PageRequest
from integrations.mongo.interviews.rooms import INDEXES, ONE_ACTIVE, MongoInterviewRoomRepository, query_and_index
from integrations.mongo.outbox import Outbox
from tests.integrations.mongo.interviews.builders import HOST, NOW, a_room

Store = AsyncIOMotorDatabase[dict[str, Any]]
ENDED: dict[str, Any] = {"status": RoomStatus.ENDED, "ended_at": NOW}


@pytest.fixture
async def rooms(database: Store, redis: Redis) -> MongoInterviewRoomRepository:
    rooms = MongoInterviewRoomRepository(database, Outbox())
    await rooms.create_indexes()
    return rooms


async def test_a_saved_room_is_read_back_with_all_parts(rooms: MongoInterviewRoomRepository) -> None:
    joined = ParticipantJoined(participant_id="p1", name="客户-王", role="guest", identity="customer", at=NOW)
    left = ParticipantLeft(participant_id="p1", because="kicked", at=NOW + timedelta(minutes=5))
    ban = Ban(participant_id="p1", name="客户-王", invite_id="i1", reason="吵闹", by="host", at=NOW)
    room = a_room(schedule=Schedule(starts_at=NOW, ends_at=NOW + timedelta(hours=1)), candidate_phone="13800138000")
    room = room.with_entries((joined, left), NOW).with_ban(ban, NOW)

    saved = await rooms.save(room, [])

    assert await rooms.find_by_room_id("room_a") == saved
    assert await rooms.find(room.id) == saved
    assert await rooms.active_of(HOST) == saved


async def test_a_host_has_one_active_room_and_any_number_of_others(rooms: MongoInterviewRoomRepository) -> None:
    await rooms.save(a_room("room_old", **ENDED), [])
    await rooms.save(a_room("room_older", **ENDED), [])
    await rooms.save(a_room("room_planned", status=RoomStatus.SCHEDULED), [])
    await rooms.save(a_room("room_a"), [])

    with pytest.raises(ActiveRoomExists):
        await rooms.save(a_room("room_b"), [])
    await rooms.save(a_room("room_b", host_user_id="66f0a1b2c3d4e5f6a7b8c9d1"), [])


async def test_of_concurrent_active_rooms_one_is_saved(rooms: MongoInterviewRoomRepository) -> None:
    outcomes = await asyncio.gather(
        *(rooms.save(a_room(f"room_{number}"), []) for number in range(10)), return_exceptions=True
    )

    assert sum(isinstance(outcome, ActiveRoomExists) for outcome in outcomes) == 9
    assert await rooms.collection.count_documents({"status": "active"}) == 1


async def test_a_room_id_is_unique_and_an_outdated_version_conflicts(rooms: MongoInterviewRoomRepository) -> None:
    first = await rooms.save(a_room(**ENDED), [])
    await rooms.save(first.rated(5, "很好", "李经理", NOW), [])

    with pytest.raises(RoomIdTaken):
        await rooms.save(a_room(**ENDED), [])
    with pytest.raises(Conflict):
        await rooms.save(first.rated(1, "", "李经理", NOW), [])


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("李经理", True),
        ("李经理的面", True),
        ("王阿", True),
        ("1380", True),
        ("room_17776224", True),
        ("AD-17776224", True),
        ("ad-1777622400000", True),
        ("经理", False),
        ("8000", False),
        (".*", False),
        ("138", False),
    ],
)
async def test_a_search_matches_the_beginning_of_names_phones_and_numbers(
    rooms: MongoInterviewRoomRepository, search: str, found: bool
) -> None:
    room = a_room("room_1777622400000_ab12cd", candidate_name="王阿姨", candidate_phone="13800138000")
    await rooms.save(room, [])

    page = await rooms.page(RoomFilter(search=search), PageRequest())

    assert page.total == int(found)


async def test_lists_are_newest_first_in_pages_without_long_parts(rooms: MongoInterviewRoomRepository) -> None:
    for number in range(5):
        created_at = NOW + timedelta(minutes=number)
        await rooms.save(a_room(f"room_{number}", created_at=created_at, host_url="x", **ENDED), [])

    page = await rooms.page(RoomFilter(host_user_id=HOST), PageRequest(page=2, page_size=2))

    assert [room.room_id for room in page.list] == ["room_2", "room_1"]
    assert (page.total, page.total_pages) == (5, 3)
    latest = await rooms.latest_of(HOST)
    assert latest is not None
    assert latest.room_id == "room_4"


async def test_lapsed_scheduled_rooms_and_active_rooms_are_found(rooms: MongoInterviewRoomRepository) -> None:
    over = Schedule(starts_at=NOW - timedelta(hours=2), ends_at=NOW - timedelta(hours=1))
    ahead = Schedule(starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    await rooms.save(a_room("room_lapsed", status=RoomStatus.SCHEDULED, schedule=over), [])
    await rooms.save(a_room("room_ahead", status=RoomStatus.SCHEDULED, schedule=ahead), [])
    for number in range(3):
        await rooms.save(a_room(f"room_{number}", host_user_id=f"{number:024x}"), [])

    assert [room.room_id for room in await rooms.scheduled_until(NOW, 10)] == ["room_lapsed"]
    assert await rooms.active_ids("", 2) == ["room_0", "room_1"]
    assert await rooms.active_ids("room_1", 2) == ["room_2"]


LISTS = {
    "all": RoomFilter(),
    "all_by_status": RoomFilter(status=RoomStatus.ENDED),
    "all_by_term": RoomFilter(search="李", status=RoomStatus.ENDED),
    "own": RoomFilter(host_user_id=HOST),
    "own_by_status": RoomFilter(host_user_id=HOST, status=RoomStatus.ENDED),
    "own_by_term": RoomFilter(host_user_id=HOST, search="李经"),
}


@pytest.mark.parametrize("index", LISTS)
async def test_every_list_is_read_from_its_index_in_order(rooms: MongoInterviewRoomRepository, index: str) -> None:
    for number in range(50):
        await rooms.save(a_room(f"room_{number}", created_at=NOW + timedelta(seconds=number), **ENDED), [])
    query, name = query_and_index(LISTS[index])

    plan = await rooms.collection.find(query).sort([("createdAt", -1), ("_id", -1)]).hint(name).explain()

    assert name == index
    stages = list(_stages(plan["queryPlanner"]["winningPlan"]))
    assert [stage["indexName"] for stage in stages if stage["stage"] == "IXSCAN"] == [index]
    # The embedded server does not report whether it sorted. An index of the equality fields, followed by the sort
    # order, needs no sort.
    keys = INDEXES[index]
    assert {field for field, _ in keys[:-2]} <= set(query)
    assert keys[-2:] == [("createdAt", -1), ("_id", -1)]


async def test_all_declared_indexes_exist(rooms: MongoInterviewRoomRepository) -> None:
    indexes = await rooms.collection.index_information()

    assert {"room", ONE_ACTIVE, "outbox", *INDEXES} <= set(indexes)
    assert indexes[ONE_ACTIVE]["unique"]
    assert indexes[ONE_ACTIVE]["partialFilterExpression"] == {"status": "active"}


def _stages(stage: dict[str, Any]) -> Any:
    yield stage
    for inner in [stage["inputStage"]] if "inputStage" in stage else stage.get("inputStages", []):
        yield from _stages(inner)
