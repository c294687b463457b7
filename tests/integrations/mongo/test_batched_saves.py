"""Concurrent saves share one command, and each has the same result as alone."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import monitoring
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteConcernError
from pymongo.results import UpdateResult

from domain.shared.errors import Conflict, Unavailable
from integrations.mongo.batched_saves import MAX_BATCH, BatchedSaves, VersionedUpdate
from integrations.mongo.failures import store_failures

Store = AsyncIOMotorDatabase[dict[str, Any]]


class UpdateCommands(monitoring.CommandListener):
    """The number of updates in each update command."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "update":
            self.sizes.append(len(event.command["updates"]))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


class SavedThings:
    def __init__(self, uri: str, database: str) -> None:
        self.updates = UpdateCommands()
        self.client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, event_listeners=[self.updates])
        self.collection = self.client[database]["things"]
        self.saves = BatchedSaves(self.collection)
        self.ids = [ObjectId() for _ in range(6)]

    async def filled(self) -> "SavedThings":
        await self.collection.create_index("code", unique=True, sparse=True)
        await self.collection.insert_many([{"_id": key, "version": 1, "outbox": []} for key in self.ids])
        return self

    async def save_all(self, *updates: VersionedUpdate) -> list[Any]:
        """The results of `updates`. Another update goes first and alone, so that these are one batch."""
        first = VersionedUpdate(self.ids[0], 1, {"$set": {"name": "first"}})
        results = await asyncio.gather(
            *(self.saves.save(update) for update in (first, *updates)), return_exceptions=True
        )
        return results[1:]

    async def stored(self, keys: Sequence[ObjectId]) -> list[dict[str, Any] | None]:
        return [await self.collection.find_one({"_id": key}) for key in keys]


@pytest.fixture
async def things(mongodb_uri: str, database: Store) -> Any:
    it = await SavedThings(mongodb_uri, database.name).filled()
    yield it
    it.client.close()


def renamed(key: ObjectId, version: int, name: str, **fields: Any) -> VersionedUpdate:
    return VersionedUpdate(
        key, version, {"$set": {"version": version + 1, "name": name, **fields}, "$push": {"outbox": name}}
    )


async def test_concurrent_saves_share_one_command(things: SavedThings) -> None:
    results = await things.save_all(*(renamed(key, 1, "new") for key in things.ids[1:]))

    assert results == [None] * 5
    assert sum(things.updates.sizes) == 6
    assert max(things.updates.sizes) > 1
    after = {"version": 2, "name": "new", "outbox": ["new"]}
    assert await things.stored(things.ids[1:]) == [{"_id": key, **after} for key in things.ids[1:]]


async def test_in_a_batch_only_the_save_of_an_old_version_conflicts(things: SavedThings) -> None:
    _, one, moved, another, *_ = things.ids

    results = await things.save_all(renamed(one, 1, "new"), renamed(moved, 7, "new"), renamed(another, 1, "new"))

    assert [type(result) for result in results] == [type(None), Conflict, type(None)]
    stored = await things.stored([one, moved, another])
    assert [document and document["version"] for document in stored] == [2, 1, 2]
    assert stored[1] == {"_id": moved, "version": 1, "outbox": []}


async def test_of_two_concurrent_saves_of_one_version_one_succeeds(things: SavedThings) -> None:
    key = things.ids[1]

    results = await things.save_all(renamed(key, 1, "mine"), renamed(key, 1, "yours"))

    assert [type(result) for result in results] == [type(None), Conflict]
    assert await things.stored([key]) == [{"_id": key, "version": 2, "name": "mine", "outbox": ["mine"]}]


async def test_a_deleted_document_is_not_inserted_again(things: SavedThings) -> None:
    gone = ObjectId()

    results = await things.save_all(renamed(things.ids[1], 1, "new"), renamed(gone, 1, "new"))

    assert [type(result) for result in results] == [type(None), Conflict]
    assert await things.collection.count_documents({}) == len(things.ids)


async def test_a_duplicate_value_fails_only_the_save_that_has_it(things: SavedThings) -> None:
    _, first, second, third, *_ = things.ids

    results = await things.save_all(
        renamed(first, 1, "new", code="A"), renamed(second, 1, "new", code="A"), renamed(third, 1, "new", code="B")
    )

    assert [type(result) for result in results] == [type(None), DuplicateKeyError, type(None)]
    stored = await things.stored([first, second, third])
    assert [(document or {}).get("code") for document in stored] == ["A", None, "B"]


async def test_more_saves_than_fit_into_one_command_are_all_made(things: SavedThings) -> None:
    keys = [ObjectId() for _ in range(2 * MAX_BATCH + 3)]
    await things.collection.insert_many([{"_id": key, "version": 1} for key in keys])

    results = await things.save_all(*(renamed(key, 1, "new") for key in keys))

    assert results == [None] * len(keys)
    assert max(things.updates.sizes) == MAX_BATCH
    assert await things.collection.count_documents({"version": 2, "name": "new"}) == len(keys)


async def test_a_save_that_cannot_be_encoded_fails_alone(things: SavedThings) -> None:
    _, first, huge, last, *_ = things.ids

    results = await things.save_all(
        renamed(first, 1, "new"), renamed(huge, 1, "new", number=2**70), renamed(last, 1, "new")
    )

    assert [type(result) for result in results] == [type(None), OverflowError, type(None)]


class NotDurable:
    """A collection whose server is shutting down: it has written, and cannot make the write durable."""

    async def update_one(self, *_: object) -> Any:
        return UpdateResult({"n": 1}, acknowledged=True)

    async def bulk_write(self, updates: Sequence[Any], **_: object) -> Any:
        problem = {"code": 91, "errmsg": "shutting down"}
        raise BulkWriteError({"writeErrors": [], "writeConcernErrors": [problem]})


async def test_a_server_that_shuts_down_fails_a_batch_as_it_fails_a_single_save() -> None:
    saves = BatchedSaves(NotDurable())  # type: ignore[arg-type]  # no server can be made to stop at that very moment

    results = await asyncio.gather(
        *(saves.save(renamed(ObjectId(), 1, "new")) for _ in range(3)), return_exceptions=True
    )

    assert isinstance(results[1], WriteConcernError)
    with pytest.raises(Unavailable), store_failures():
        raise results[1]
