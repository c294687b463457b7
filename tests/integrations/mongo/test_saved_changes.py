"""A save sends only the fields that changed, and the stored document is complete."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import monitoring
from redis.asyncio import Redis

from domain.shared.entity import Entity
from domain.shared.errors import Conflict
from domain.shared.model import Instant
from integrations.mongo.document_cache import MAX_DOCUMENTS
from integrations.mongo.outbox import Outbox
from integrations.mongo.repository import Repository

Store = AsyncIOMotorDatabase[dict[str, Any]]
NOW = datetime(2026, 5, 1, 8, 0, 0, 123_000, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Thing(Entity):
    name: str = ""
    colour: Colour = Colour.RED
    tags: tuple[str, ...] = ()
    made_at: Instant = NOW
    remark: str = ""


class UpdateCommands(monitoring.CommandListener):
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "update":
            self.sent += [dict(update["u"]) for update in event.command["updates"]]

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


class Things:
    def __init__(self, uri: str, database: str, redis: Redis) -> None:
        self.updates = UpdateCommands()
        self.client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            uri, tz_aware=True, event_listeners=[self.updates]
        )
        store = self.client[database]
        self.repository = Repository(store["things"], Thing, Outbox(store))

    async def add(self, number: int, **fields: Any) -> Thing:
        return await self.repository.save(Thing(id=f"{number:024x}", **fields), [])

    async def load(self, thing: Thing) -> Thing:
        found = await self.repository.find(thing.id)
        assert found is not None
        return found


@pytest.fixture
async def things(mongodb_uri: str, redis: Redis, database: Store) -> Any:
    it = Things(mongodb_uri, database.name, redis)
    yield it
    it.client.close()


async def test_only_changed_fields_are_sent(things: Things) -> None:
    thing = await things.load(await things.add(1, name="one", tags=("a", "b"), remark="old"))

    await things.repository.save(thing.model_copy(update={"name": "two", "remark": ""}), [])

    (sent,) = things.updates.sent
    assert sent["$set"] == {"name": "two", "version": 2}
    assert sent["$unset"] == {"remark": ""}
    assert await things.load(thing) == thing.model_copy(update={"name": "two", "remark": "", "version": 2})


async def test_a_saved_document_is_cached_for_the_next_save(things: Things) -> None:
    thing = await things.add(1, name="one", tags=("a",))

    thing = await things.repository.save(thing.model_copy(update={"colour": Colour.BLUE}), [])
    thing = await things.repository.save(thing.model_copy(update={"tags": ("a", "c")}), [])

    assert [sent["$set"] for sent in things.updates.sent] == [
        {"colour": "blue", "version": 2},
        {"tags": ("a", "c"), "version": 3},
    ]
    assert await things.load(thing) == thing


async def test_for_an_entity_that_left_the_cache_its_document_is_read_again(things: Things) -> None:
    first = await things.add(0, name="first", remark="old")
    for number in range(1, MAX_DOCUMENTS + 1):
        await things.add(number, name="other")

    after = await things.repository.save(first.model_copy(update={"remark": ""}), [])

    (sent,) = things.updates.sent
    assert sent == {"$set": {"version": 2}, "$unset": {"remark": ""}}
    assert await things.load(first) == after


async def test_a_save_that_conflicts_leaves_nothing_in_the_cache(
    things: Things, mongodb_uri: str, redis: Redis
) -> None:
    mine = await things.load(await things.add(1, name="one"))
    another = Things(mongodb_uri, things.repository.collection.database.name, redis)
    await another.repository.save((await another.load(mine)).model_copy(update={"name": "theirs"}), [])
    with pytest.raises(Conflict):
        await things.repository.save(mine.model_copy(update={"name": "mine"}), [])

    fresh = await things.load(mine)
    await things.repository.save(fresh.model_copy(update={"remark": "seen"}), [])

    assert (await things.load(mine)).name == "theirs"
    another.client.close()
