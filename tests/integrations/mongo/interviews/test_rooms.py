"""Interview rooms in MongoDB: every list is read from its index."""

from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import RoomStatus
from integrations.mongo.interviews.rooms import INDEXES, MongoInterviewRoomRepository, query_and_index
from integrations.mongo.outbox import Outbox
from tests.integrations.mongo.interviews.builders import HOST, NOW, a_room

Store = AsyncIOMotorDatabase[dict[str, Any]]
ENDED: dict[str, Any] = {"status": RoomStatus.ENDED, "ended_at": NOW}


@pytest.fixture
async def rooms(database: Store, redis: Redis) -> MongoInterviewRoomRepository:
    rooms = MongoInterviewRoomRepository(database, Outbox(database))
    await rooms.create_indexes()
    return rooms


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

    assert {"keys", *INDEXES} <= set(indexes)
    assert indexes["keys"]["unique"]


def _stages(stage: dict[str, Any]) -> Any:
    yield stage
    for inner in [stage["inputStage"]] if "inputStage" in stage else stage.get("inputStages", []):
        yield from _stages(inner)
