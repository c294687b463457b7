"""Search documents follow their entities: at once, or together with later changes, and also when a process died."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from pymongo.errors import ServerSelectionTimeoutError
from redis.asyncio import Redis

from domain.shared.entity import Entity
from domain.shared.errors import Unavailable
from domain.users.model import User
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_recovery import OutboxRecovery
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.search_index import SearchIndex
from integrations.mongo.users.users import MongoUserRepository
from integrations.redis.bus import StreamBus
from tests.domain.users.builders import NOW, a_session, a_user
from tests.realtime.realtime_process import user_changed

Store = AsyncIOMotorDatabase[dict[str, Any]]
KEY = ObjectId("5" * 24)


class Thing(Entity):
    name: str = ""
    count: int = 0


def a_thing(version: int, key: ObjectId = KEY, **fields: Any) -> Thing:
    return Thing(id=str(key), version=version, **fields)


@pytest.fixture
def index(database: Store) -> SearchIndex[Thing]:
    return SearchIndex(
        database["search"], lambda thing: thing.model_dump(include={"name", "count"}, exclude_unset=True)
    )


async def stored(index: SearchIndex[Any], key: ObjectId = KEY) -> Any:
    return await index.collection.find_one({"_id": key}, {"_id": 0})


async def test_the_newest_version_wins_in_any_order(index: SearchIndex[Thing]) -> None:
    await index.write(a_thing(2, name="two"))
    await index.write(a_thing(3, name="three"))
    await index.write(a_thing(1, name="one"))

    assert await stored(index) == {"version": 3, "name": "three"}


async def test_deferred_changes_cost_one_write_and_a_write_ends_them(index: SearchIndex[Thing]) -> None:
    await index.write(a_thing(1, count=1))
    for version in (2, 4, 3):
        index.defer(a_thing(version, count=version))
    assert await stored(index) == {"version": 1, "count": 1}

    await index.flush()
    assert await stored(index) == {"version": 4, "count": 4}

    index.defer(a_thing(5, count=5))
    await index.write(a_thing(6, count=6))
    await index.flush()
    assert await stored(index) == {"version": 6, "count": 6}


async def test_while_the_store_is_down_changes_are_kept(index: SearchIndex[Thing]) -> None:
    collection = index.collection
    index.collection = Unreachable()  # type: ignore[assignment]
    await index.write(a_thing(1, name="one"))
    index.defer(a_thing(1, ObjectId("6" * 24), name="other"))
    with pytest.raises(Unavailable):
        await index.flush()

    index.collection = collection
    await index.flush()

    assert await stored(index) == {"version": 1, "name": "one"}
    assert await stored(index, ObjectId("6" * 24)) == {"version": 1, "name": "other"}


class Unreachable:
    async def bulk_write(self, *_: Any, **__: Any) -> None:
        raise ServerSelectionTimeoutError("no server")


def logged_in(user: User, times: int) -> User:
    for number in range(times):
        user = user.logged_in(a_session(), NOW + timedelta(minutes=number), "127.0.0.1")
    return user


async def test_a_login_is_deferred_and_an_edit_is_written_at_once(database: Store) -> None:
    users = MongoUserRepository(database, Outbox(database))
    user = await users.save(a_user("o1", nickname="小王"), ())

    user = await users.save(logged_in(user, 1), [user_changed(2)])
    assert (await stored(users.search, ObjectId(user.id)))["loginCount"] == 0

    user = await users.save(user.with_profile({"nickname": "小李"}), [user_changed(3)])
    found = await stored(users.search, ObjectId(user.id))
    assert (found["nickname"], found["loginCount"], found["version"]) == ("小李", 1, 3)


async def test_a_login_that_ends_inactivity_is_written_at_once(database: Store) -> None:
    users = MongoUserRepository(database, Outbox(database))
    user = await users.save(logged_in(a_user("o1"), 1), ())

    later = NOW + timedelta(days=31)
    user = await users.save(user.logged_in(a_session(), later, "127.0.0.1"), [user_changed(2)])

    assert (await stored(users.search, ObjectId(user.id)))["lastLoginAt"] == later


async def test_what_a_dead_process_had_deferred_is_done_by_the_one_that_recovers_its_events(
    database: Store, redis: Redis
) -> None:
    dead = MongoUserRepository(database, outbox := Outbox(database))
    user = await dead.save(a_user("o1"), ())
    user = await dead.save(logged_in(user, 3), [user_changed(2)])
    await outbox.close()

    alive = MongoUserRepository(database, other := Outbox(database))
    registry = CollectorRegistry()
    relay = OutboxRelay(other, {}, StreamBus(redis, redis, registry), registry)
    await OutboxRecovery(other, database, [alive], relay).recover_dead()

    assert (await stored(alive.search, ObjectId(user.id)))["loginCount"] == 3
