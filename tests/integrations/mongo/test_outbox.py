"""The outbox: what was saved is told, whoever dies or fails, and nothing that cannot be told holds up the rest."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from pymongo import monitoring
from redis.asyncio import Redis

from domain.audit.model import AuditRecorded, audit_of
from domain.shared.actor import SYSTEM
from domain.shared.entity import Entity
from domain.shared.errors import Unavailable
from domain.shared.events import STREAM_START, DomainEvent
from domain.users.events import UserChanged
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_relay import LARGEST_REMOVAL, OutboxRelay
from integrations.mongo.repository import Repository
from integrations.redis.bus import StreamBus
from tests.background import in_background
from tests.realtime.office import settled, user_changed

Store = AsyncIOMotorDatabase[dict[str, Any]]


class Thing(Entity):
    note: str = "x"


class Follower:
    """Writes down what it is told; may be down, and fails over one version."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.down = False
        self.fails_over = -1

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        versions = [event.version for event in events if isinstance(event, UserChanged)]
        if self.down:
            raise Unavailable
        if self.fails_over in versions:
            raise TypeError("a bug of this follower")
        self.told += versions


class Rows:
    """What may come later, in the batches in which it came."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.down = False

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        if self.down:
            raise Unavailable
        self.batches.append([event.id for event in events])


class NoBus:
    """One that cannot be reached."""

    asked = 0

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        self.asked += 1
        raise Unavailable

    async def asked_often(self) -> bool:
        return self.asked > 3


class Post:
    def __init__(self, database: Store, redis: Redis) -> None:
        self.database = database
        self.bus = StreamBus(redis, redis, CollectorRegistry())
        self.follower = Follower()
        self.registry = CollectorRegistry()
        self.rows = Rows()
        followers: dict[type[DomainEvent], list[Follower | Rows]] = {
            UserChanged: [self.follower],
            AuditRecorded: [self.rows],
        }
        self.outbox = Outbox()
        self.relay = OutboxRelay(self.outbox, database, ["things"], followers, self.bus, self.registry)
        self.repository = Repository(database["things"], Thing, self.outbox)

    async def save(self, *versions: int) -> None:
        await self.repository.save(Thing(id=str(ObjectId())), [user_changed(version) for version in versions])

    async def left_behind(self, *records: dict[str, Any]) -> None:
        """As by a worker that died right after its write, a while ago."""
        await self.database["things"].insert_one({"outbox": list(records)})

    async def on_bus(self) -> list[int]:
        events = [entry.event for entry in await self.bus.history(STREAM_START, "+")]
        return [event.version for event in events if isinstance(event, UserChanged)]

    async def waiting(self) -> int:
        return await self.database["things"].count_documents({"outbox.id": {"$gt": ""}})

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        async with in_background(self.relay.background):
            yield

    async def all_gone(self) -> bool:
        return await self.waiting() == 0


@pytest.fixture
def post(database: Store, redis: Redis) -> Post:
    return Post(database, redis)


def an_old_record(version: int) -> dict[str, Any]:
    id_ = f"{int(time.time()) - 60:08x}{str(ObjectId())[8:]}"
    return user_changed(version).model_copy(update={"id": id_}).to_record()


async def test_what_is_saved_is_told_to_followers_and_bus_and_then_removed(post: Post) -> None:
    async with post.relaying():
        for version in range(20):
            await post.save(version)
        await settled(post.all_gone)

        assert post.follower.told == list(range(20))
        assert await post.on_bus() == list(range(20))
        assert await post.outbox.drained(5)


class Removals(monitoring.CommandListener):
    """The documents out of which something was taken, once for each time."""

    def __init__(self) -> None:
        self.of: list[ObjectId] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        for update in event.command.get("updates", ()):
            if "$pull" in update["u"]:
                self.of += update["q"]["_id"]["$in"]

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def test_a_document_is_written_once_for_all_that_is_taken_out_of_it(
    database: Store, redis: Redis, mongodb_uri: str
) -> None:
    removals = Removals()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri, event_listeners=[removals])
    post = Post(client[database.name], redis)
    ids = [ObjectId() for _ in range(LARGEST_REMOVAL + 10)]
    for version, key in enumerate(ids):
        row = audit_of(str(ObjectId()), user_changed(0).at, SYSTEM, ("thing", str(key)))
        await post.repository.save(Thing(id=str(key)), [row, user_changed(version)])

    async with post.relaying():
        assert await post.outbox.drained(10)

    assert await post.waiting() == 0
    assert sorted(removals.of) == sorted(ids)
    client.close()


async def test_while_a_store_is_down_everything_waits_and_then_goes_in_order(post: Post) -> None:
    post.follower.down = True
    async with post.relaying():
        for version in range(5):
            await post.save(version)
        assert not await post.outbox.drained(0.2)
        assert await post.on_bus() == []
        assert (post.registry.get_sample_value("outbox_waiting") or 0) > 0

        post.follower.down = False
        await settled(post.all_gone)

        assert await post.on_bus() == list(range(5))


async def test_while_the_bus_is_away_followers_hear_everything_once(post: Post) -> None:
    bus, away = post.bus, NoBus()
    post.relay._bus = away
    async with post.relaying():
        for version in range(5):
            await post.save(version)
        await settled(away.asked_often)

        post.relay._bus = bus
        await settled(post.all_gone)

        assert post.follower.told == await post.on_bus() == list(range(5))


async def test_what_a_dead_worker_left_is_told_once_and_in_order(post: Post) -> None:
    records = [an_old_record(version) for version in range(3)]
    await post.left_behind(records[1], records[2])
    await post.left_behind(records[0])

    assert await post.relay.sweep() == 3
    assert await post.relay.sweep() == 0

    assert sorted(await post.on_bus()) == [0, 1, 2]
    assert await post.all_gone()


async def test_what_was_just_saved_is_left_to_the_worker_that_saved_it(post: Post) -> None:
    await post.save(1)  # its relay does not run

    assert await post.relay.sweep() == 0


async def test_an_event_of_a_newer_version_stays_where_it_is_and_holds_nothing_up(post: Post) -> None:
    unknown = an_old_record(0) | {"type": "not.yet.known"}
    shapeless = an_old_record(0) | {"version": "many"}
    await post.left_behind(unknown, shapeless, an_old_record(1))

    assert await post.relay.sweep() == 1

    assert await post.on_bus() == [1]
    document = await post.database["things"].find_one({})
    assert document is not None
    assert [record["id"] for record in document["outbox"]] == [unknown["id"], shapeless["id"]]


async def test_an_event_that_a_follower_fails_over_holds_nothing_up(post: Post) -> None:
    post.follower.fails_over = 3
    for version in range(6):
        await post.save(version)

    async with post.relaying():
        assert await post.outbox.drained(10)

        assert post.follower.told == await post.on_bus() == [0, 1, 2, 4, 5]
        assert await post.waiting() == 1


async def test_rows_that_can_wait_hold_nothing_up_and_are_kept_until_they_are_written(post: Post) -> None:
    post.rows.down = True
    rows = [audit_of(str(ObjectId()), user_changed(0).at, SYSTEM, ("thing", str(number))) for number in range(5)]
    async with post.relaying():
        for version, row in enumerate(rows):
            await post.repository.save(Thing(id=str(ObjectId())), [row, user_changed(version)])
        await settled(lambda: _told_on_bus(post, 5))
        assert not await post.outbox.drained(0.5)
        assert await post.waiting() == 5
        assert post.rows.batches == []

        post.rows.down = False
        await settled(post.all_gone)

        assert post.rows.batches == [[row.id for row in rows]]
        assert await post.outbox.drained(5)


async def _told_on_bus(post: Post, count: int) -> bool:
    return len(await post.on_bus()) == count
