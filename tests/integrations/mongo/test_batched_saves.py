"""Saves that come together: one command, and each is as exact as alone."""

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
from integrations.mongo.batched_saves import MOST_TOGETHER, Save, Saves
from integrations.mongo.failures import store_failures

Store = AsyncIOMotorDatabase[dict[str, Any]]


class Updates(monitoring.CommandListener):
    """How many documents each update command was about."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "update":
            self.sizes.append(len(event.command["updates"]))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


class Shelf:
    def __init__(self, uri: str, database: str) -> None:
        self.updates = Updates()
        self.client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, event_listeners=[self.updates])
        self.things = self.client[database]["things"]
        self.saves = Saves(self.things)
        self.ids = [ObjectId() for _ in range(6)]

    async def filled(self) -> "Shelf":
        await self.things.create_index("code", unique=True, sparse=True)
        await self.things.insert_many([{"_id": key, "version": 1, "outbox": []} for key in self.ids])
        return self

    async def save_all(self, *saves: Save) -> list[Any]:
        """The first goes alone, so that all others go together."""
        before = Save(self.ids[0], 1, {"$set": {"name": "first"}})
        outcomes = await asyncio.gather(*(self.saves.make(save) for save in (before, *saves)), return_exceptions=True)
        return outcomes[1:]

    async def stored(self, keys: Sequence[ObjectId]) -> list[dict[str, Any] | None]:
        return [await self.things.find_one({"_id": key}) for key in keys]


@pytest.fixture
async def shelf(mongodb_uri: str, database: Store) -> Any:
    it = await Shelf(mongodb_uri, database.name).filled()
    yield it
    it.client.close()


def renamed(key: ObjectId, version: int, name: str, **fields: Any) -> Save:
    return Save(key, version, {"$set": {"version": version + 1, "name": name, **fields}, "$push": {"outbox": name}})


async def test_what_comes_together_is_one_command(shelf: Shelf) -> None:
    outcomes = await shelf.save_all(*(renamed(key, 1, "new") for key in shelf.ids[1:]))

    assert outcomes == [None] * 5
    assert sum(shelf.updates.sizes) == 6
    assert max(shelf.updates.sizes) > 1
    after = {"version": 2, "name": "new", "outbox": ["new"]}
    assert await shelf.stored(shelf.ids[1:]) == [{"_id": key, **after} for key in shelf.ids[1:]]


async def test_of_those_together_only_the_one_whose_version_moved_is_refused(shelf: Shelf) -> None:
    _, one, moved, another, *_ = shelf.ids

    outcomes = await shelf.save_all(renamed(one, 1, "new"), renamed(moved, 7, "new"), renamed(another, 1, "new"))

    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict, type(None)]
    stored = await shelf.stored([one, moved, another])
    assert [document and document["version"] for document in stored] == [2, 1, 2]
    assert stored[1] == {"_id": moved, "version": 1, "outbox": []}


async def test_of_two_saves_of_one_version_that_come_together_one_is_made(shelf: Shelf) -> None:
    key = shelf.ids[1]

    outcomes = await shelf.save_all(renamed(key, 1, "mine"), renamed(key, 1, "yours"))

    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict]
    assert await shelf.stored([key]) == [{"_id": key, "version": 2, "name": "mine", "outbox": ["mine"]}]


async def test_a_document_that_is_gone_is_not_made_anew(shelf: Shelf) -> None:
    gone = ObjectId()

    outcomes = await shelf.save_all(renamed(shelf.ids[1], 1, "new"), renamed(gone, 1, "new"))

    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict]
    assert await shelf.things.count_documents({}) == len(shelf.ids)


async def test_a_taken_value_is_the_failure_of_whoever_wanted_it(shelf: Shelf) -> None:
    _, first, second, third, *_ = shelf.ids

    outcomes = await shelf.save_all(
        renamed(first, 1, "new", code="A"), renamed(second, 1, "new", code="A"), renamed(third, 1, "new", code="B")
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), DuplicateKeyError, type(None)]
    stored = await shelf.stored([first, second, third])
    assert [(document or {}).get("code") for document in stored] == ["A", None, "B"]


async def test_more_than_fit_into_one_command_are_made_as_well(shelf: Shelf) -> None:
    keys = [ObjectId() for _ in range(2 * MOST_TOGETHER + 3)]
    await shelf.things.insert_many([{"_id": key, "version": 1} for key in keys])

    outcomes = await shelf.save_all(*(renamed(key, 1, "new") for key in keys))

    assert outcomes == [None] * len(keys)
    assert max(shelf.updates.sizes) == MOST_TOGETHER
    assert await shelf.things.count_documents({"version": 2, "name": "new"}) == len(keys)


async def test_what_cannot_be_written_down_fails_alone(shelf: Shelf) -> None:
    _, first, huge, last, *_ = shelf.ids

    outcomes = await shelf.save_all(
        renamed(first, 1, "new"), renamed(huge, 1, "new", number=2**70), renamed(last, 1, "new")
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), OverflowError, type(None)]


class NotDurable:
    """A collection whose server is going: it has written, and cannot promise more."""

    async def update_one(self, *_: object) -> Any:
        return UpdateResult({"n": 1}, acknowledged=True)

    async def bulk_write(self, updates: Sequence[Any], **_: object) -> Any:
        problem = {"code": 91, "errmsg": "shutting down"}
        raise BulkWriteError({"writeErrors": [], "writeConcernErrors": [problem]})


async def test_a_server_that_is_going_is_unavailable_to_many_as_it_is_to_one() -> None:
    saves = Saves(NotDurable())  # type: ignore[arg-type]  # no server can be made to go at that very moment

    outcomes = await asyncio.gather(
        *(saves.make(renamed(ObjectId(), 1, "new")) for _ in range(3)), return_exceptions=True
    )

    assert isinstance(outcomes[1], WriteConcernError)
    with pytest.raises(Unavailable), store_failures():
        raise outcomes[1]
