"""The outbox relay: every stored event is relayed, whatever dies or fails, and a failing event delays no other."""

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
from integrations.mongo.outbox_relay import MAX_DOCUMENTS_PER_REMOVAL, OutboxRelay
from integrations.mongo.repository import Repository
from integrations.redis.bus import StreamBus
from tests.background import in_background
from tests.realtime.realtime_process import user_changed
from tests.waiting import eventually

Store = AsyncIOMotorDatabase[dict[str, Any]]


class Thing(Entity):
    note: str = "x"


class Follower:
    """Records delivered versions. Raises Unavailable while `down`, and has a bug with the version `fails_on`."""

    def __init__(self) -> None:
        self.delivered: list[int] = []
        self.down = False
        self.fails_on = -1

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        versions = [event.version for event in events if isinstance(event, UserChanged)]
        if self.down:
            raise Unavailable
        if self.fails_on in versions:
            raise TypeError("a bug of this follower")
        self.delivered += versions


class AuditRows:
    """Records the batches of deferred events that it receives. Raises Unavailable while `down`."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.down = False

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        if self.down:
            raise Unavailable
        self.batches.append([event.id for event in events])


class UnreachableBus:
    attempts = 0

    async def publish(self, events: Sequence[DomainEvent]) -> None:
        self.attempts += 1
        raise Unavailable

    async def was_tried_often(self) -> bool:
        return self.attempts > 3


class RelayedThings:
    """A repository of things whose events are relayed to a follower, audit rows and a bus."""

    def __init__(self, database: Store, redis: Redis) -> None:
        self.database = database
        self.bus = StreamBus(redis, redis, CollectorRegistry())
        self.follower = Follower()
        self.registry = CollectorRegistry()
        self.rows = AuditRows()
        followers: dict[type[DomainEvent], list[Follower | AuditRows]] = {
            UserChanged: [self.follower],
            AuditRecorded: [self.rows],
        }
        self.outbox = Outbox()
        self.relay = OutboxRelay(self.outbox, database, ["things"], followers, self.bus, self.registry)
        self.repository = Repository(database["things"], Thing, self.outbox)

    async def save(self, *versions: int) -> None:
        await self.repository.save(Thing(id=str(ObjectId())), [user_changed(version) for version in versions])

    async def insert_abandoned(self, *records: dict[str, Any]) -> None:
        """Inserts a document as by an app process that died after its write."""
        await self.database["things"].insert_one({"outbox": list(records)})

    async def published(self) -> list[int]:
        events = [entry.event for entry in await self.bus.history(STREAM_START, "+")]
        return [event.version for event in events if isinstance(event, UserChanged)]

    async def documents_with_events(self) -> int:
        return await self.database["things"].count_documents({"outbox.id": {"$gt": ""}})

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        async with in_background(self.relay.background):
            yield

    async def all_removed(self) -> bool:
        return await self.documents_with_events() == 0


@pytest.fixture
def things(database: Store, redis: Redis) -> RelayedThings:
    return RelayedThings(database, redis)


def an_old_record(version: int) -> dict[str, Any]:
    id_ = f"{int(time.time()) - 60:08x}{str(ObjectId())[8:]}"
    return user_changed(version).model_copy(update={"id": id_}).to_record()


async def test_events_are_delivered_and_published_and_then_removed(things: RelayedThings) -> None:
    async with things.relaying():
        for version in range(20):
            await things.save(version)
        await eventually(things.all_removed)

        assert things.follower.delivered == list(range(20))
        assert await things.published() == list(range(20))
        assert await things.outbox.drained(5)


class Removals(monitoring.CommandListener):
    """The documents from which entries were removed, once per removal."""

    def __init__(self) -> None:
        self.documents: list[ObjectId] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        for update in event.command.get("updates", ()):
            if "$pull" in update["u"]:
                self.documents += update["q"]["_id"]["$in"]

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def test_all_entries_of_a_document_are_removed_by_one_write(
    database: Store, redis: Redis, mongodb_uri: str
) -> None:
    removals = Removals()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri, event_listeners=[removals])
    things = RelayedThings(client[database.name], redis)
    ids = [ObjectId() for _ in range(MAX_DOCUMENTS_PER_REMOVAL + 10)]
    for version, key in enumerate(ids):
        row = audit_of(str(ObjectId()), user_changed(0).at, SYSTEM, ("thing", str(key)))
        await things.repository.save(Thing(id=str(key)), [row, user_changed(version)])

    async with things.relaying():
        assert await things.outbox.drained(10)

    assert await things.documents_with_events() == 0
    assert sorted(removals.documents) == sorted(ids)
    client.close()


async def test_while_a_follower_is_down_events_wait_and_are_then_published_in_order(things: RelayedThings) -> None:
    things.follower.down = True
    async with things.relaying():
        for version in range(5):
            await things.save(version)
        assert not await things.outbox.drained(0.2)
        assert await things.published() == []
        assert (things.registry.get_sample_value("outbox_waiting") or 0) > 0

        things.follower.down = False
        await eventually(things.all_removed)

        assert await things.published() == list(range(5))


async def test_while_the_bus_is_down_followers_receive_each_event_once(things: RelayedThings) -> None:
    bus, unreachable = things.bus, UnreachableBus()
    things.relay._bus = unreachable
    async with things.relaying():
        for version in range(5):
            await things.save(version)
        await eventually(unreachable.was_tried_often)

        things.relay._bus = bus
        await eventually(things.all_removed)

        assert things.follower.delivered == await things.published() == list(range(5))


async def test_events_of_a_dead_process_are_swept_once(things: RelayedThings) -> None:
    records = [an_old_record(version) for version in range(3)]
    await things.insert_abandoned(records[1], records[2])
    await things.insert_abandoned(records[0])

    assert await things.relay.sweep() == 3
    assert await things.relay.sweep() == 0

    assert sorted(await things.published()) == [0, 1, 2]
    assert await things.all_removed()


async def test_a_fresh_event_is_left_to_the_process_that_saved_it(things: RelayedThings) -> None:
    await things.save(1)  # the relay of this process does not run

    assert await things.relay.sweep() == 0


async def test_an_event_of_a_newer_version_stays_in_its_document_and_delays_no_other(things: RelayedThings) -> None:
    unknown = an_old_record(0) | {"type": "not.yet.known"}
    shapeless = an_old_record(0) | {"version": "many"}
    await things.insert_abandoned(unknown, shapeless, an_old_record(1))

    assert await things.relay.sweep() == 1

    assert await things.published() == [1]
    document = await things.database["things"].find_one({})
    assert document is not None
    assert [record["id"] for record in document["outbox"]] == [unknown["id"], shapeless["id"]]


async def test_an_event_that_makes_a_follower_fail_delays_no_other(things: RelayedThings) -> None:
    things.follower.fails_on = 3
    for version in range(6):
        await things.save(version)

    async with things.relaying():
        assert await things.outbox.drained(10)

        assert things.follower.delivered == await things.published() == [0, 1, 2, 4, 5]
        assert await things.documents_with_events() == 1


async def test_deferred_events_delay_no_other_and_stay_stored_until_they_are_delivered(things: RelayedThings) -> None:
    things.rows.down = True
    rows = [audit_of(str(ObjectId()), user_changed(0).at, SYSTEM, ("thing", str(number))) for number in range(5)]
    async with things.relaying():
        for version, row in enumerate(rows):
            await things.repository.save(Thing(id=str(ObjectId())), [row, user_changed(version)])
        await eventually(lambda: _has_published(things, 5))
        assert not await things.outbox.drained(0.5)
        assert await things.documents_with_events() == 5
        assert things.rows.batches == []

        things.rows.down = False
        await eventually(things.all_removed)

        assert things.rows.batches == [[row.id for row in rows]]
        assert await things.outbox.drained(5)


async def _has_published(things: RelayedThings, count: int) -> bool:
    return len(await things.published()) == count
