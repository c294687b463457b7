"""The outbox relay: every stored event is relayed, whatever dies or fails, and a failing event delays no other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

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
from integrations.mongo.outbox_recovery import OutboxRecovery
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.outbox_writers import ALIVE_SECONDS, OutboxWriters, Progress
from integrations.mongo.repository import Repository
from integrations.redis.bus import StreamBus
from tests.background import in_background
from tests.realtime.realtime_process import user_changed
from tests.waiting import eventually

Store = AsyncIOMotorDatabase[dict[str, Any]]


class Thing(Entity):
    note: str = "x"


class Counted(DomainEvent):
    type: ClassVar[str] = "test.counted"
    published: ClassVar[bool] = False


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
        self.database, self.redis = database, redis
        self.bus = StreamBus(redis, redis, CollectorRegistry())
        self.follower = Follower()
        self.registry = CollectorRegistry()
        self.rows = AuditRows()
        followers: dict[type[DomainEvent], list[Follower | AuditRows]] = {
            UserChanged: [self.follower],
            AuditRecorded: [self.rows],
        }
        self.outbox = Outbox(database)
        self.relay = OutboxRelay(self.outbox, followers, self.bus, self.registry)
        self.repository = Repository(database["things"], Thing, self.outbox)
        self.recovery = OutboxRecovery(self.outbox, database, [self.repository], self.relay)

    async def save(self, *versions: int) -> None:
        await self.repository.save(Thing(id=str(ObjectId())), [user_changed(version) for version in versions])

    async def insert_abandoned(self, *records: dict[str, Any], writer: str = "dead", relayed: int = 0) -> None:
        """Inserts a document as by an app process that died after its write."""
        long_ago = datetime.now(UTC) - timedelta(seconds=ALIVE_SECONDS)
        await self.database["outbox_writers"].update_one(
            {"_id": writer}, {"$set": {"relayed": relayed, "aliveUntil": long_ago}}, upsert=True
        )
        await self.database["things"].insert_one({"outbox": list(records)})

    async def make_second_recovery_due(self) -> None:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await self.database["outbox_writers"].update_one({"_id": "dead"}, {"$set": {"recoverAt": past}})

    async def progress(self) -> Progress:
        """The state of this process that other processes see."""
        (found,) = (await OutboxWriters(self.database).all()).values()
        return found

    async def published(self) -> list[int]:
        events = [entry.event for entry in await self.bus.history(STREAM_START, "+")]
        return [event.version for event in events if isinstance(event, UserChanged)]

    async def records(self) -> list[dict[str, Any]]:
        return [record async for each in self.database["things"].find({}) for record in each["outbox"]]

    async def versions_in(self, thing: Thing) -> list[int]:
        document = await self.database["things"].find_one({"_id": ObjectId(thing.id)})
        assert document is not None
        return [record["version"] for record in document["outbox"]]

    def progress_is(self, wanted: Progress) -> Callable[[], Awaitable[bool]]:
        async def reached() -> bool:
            return await self.progress() == wanted

        return reached

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        async with in_background(self.relay.background):
            yield

    async def all_relayed(self) -> bool:
        """Also by what other processes know."""
        number = self.outbox.last_number
        return await self.progress() == Progress(number)


@pytest.fixture
def things(database: Store, redis: Redis) -> RelayedThings:
    return RelayedThings(database, redis)


def a_record(version: int, number: int, writer: str = "dead") -> dict[str, Any]:
    return {**user_changed(version).to_record(), "writer": writer, "number": number}


async def test_events_are_delivered_and_published_and_then_counted_as_relayed(things: RelayedThings) -> None:
    async with things.relaying():
        for version in range(20):
            await things.save(version)
        await eventually(things.all_relayed)

        assert things.follower.delivered == list(range(20))
        assert await things.published() == list(range(20))
        assert await things.outbox.drained(5)


async def test_a_save_drops_the_relayed_events_of_its_document_and_keeps_the_others(things: RelayedThings) -> None:
    thing = await things.repository.save(Thing(id=str(ObjectId())), [user_changed(1)])
    thing = await things.repository.save(thing, [user_changed(2)])
    assert await things.versions_in(thing) == [1, 2]
    async with things.relaying():
        await eventually(things.all_relayed)

    thing = await things.repository.save(thing, [user_changed(3)])

    assert await things.versions_in(thing) == [3]


async def test_relaying_writes_no_document_again(database: Store, redis: Redis, mongodb_uri: str) -> None:
    updates = Updates()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri, event_listeners=[updates])
    things = RelayedThings(client[database.name], redis)
    for version in range(30):
        await things.save(version)

    async with things.relaying():
        await eventually(things.all_relayed)

    assert updates.collections <= {"outbox_writers"}
    client.close()


class Updates(monitoring.CommandListener):
    def __init__(self) -> None:
        self.collections: set[str] = set()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "update":
            self.collections.add(event.command["update"])

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def test_while_a_follower_is_down_events_wait_and_are_then_published_in_order(things: RelayedThings) -> None:
    things.follower.down = True
    async with things.relaying():
        for version in range(5):
            await things.save(version)
        assert not await things.outbox.drained(0.2)
        assert await things.published() == []
        assert (things.registry.get_sample_value("outbox_waiting") or 0) > 0

        things.follower.down = False
        await eventually(things.all_relayed)

        assert await things.published() == list(range(5))


async def test_while_the_bus_is_down_followers_receive_each_event_once(things: RelayedThings) -> None:
    bus, unreachable = things.bus, UnreachableBus()
    things.relay._bus = unreachable
    async with things.relaying():
        for version in range(5):
            await things.save(version)
        await eventually(unreachable.was_tried_often)

        things.relay._bus = bus
        await eventually(things.all_relayed)

        assert things.follower.delivered == await things.published() == list(range(5))


async def test_events_of_a_dead_process_are_recovered_once(things: RelayedThings) -> None:
    await things.insert_abandoned(a_record(1, 2), a_record(2, 3))
    await things.insert_abandoned(a_record(0, 1))

    assert await things.recovery.recover_dead() == 3
    assert await things.recovery.recover_dead() == 0

    assert sorted(await things.published()) == [0, 1, 2]


async def test_only_events_that_the_dead_process_had_not_relayed_are_recovered(things: RelayedThings) -> None:
    await things.insert_abandoned(a_record(1, 1), a_record(2, 2), a_record(3, 3), relayed=2)

    assert await things.recovery.recover_dead() == 1

    assert await things.published() == [3]


@pytest.mark.parametrize("number", [1, 3])
async def test_a_write_that_arrives_after_the_recovery_is_recovered_by_the_second_one(
    things: RelayedThings, number: int
) -> None:
    await things.insert_abandoned(a_record(1, 2))
    assert await things.recovery.recover_dead() == 1

    await things.database["things"].insert_one({"outbox": [a_record(2, number)]})
    await things.make_second_recovery_due()

    assert await things.recovery.recover_dead() == 2  # the first one may be told twice
    assert await things.published() == [1, 2]
    assert await things.database["outbox_writers"].find_one({"_id": "dead"}) is None


async def test_events_of_a_living_process_are_left_to_it(things: RelayedThings) -> None:
    await things.save(1)  # the relay of this process does not run

    assert await things.recovery.recover_dead() == 0


async def test_a_process_that_was_declared_dead_goes_on_as_another_writer(things: RelayedThings) -> None:
    await things.save(1)
    await things.database["outbox_writers"].update_many({}, {"$set": {"aliveUntil": datetime.now(UTC)}})
    another = RelayedThings(things.database, things.redis)
    assert await another.recovery.recover_dead() == 1

    await things.outbox.heartbeat()
    await things.save(2)
    async with things.relaying():
        assert await things.outbox.drained(5)

    assert things.follower.delivered == [1, 2]
    assert another.follower.delivered == [1]  # told twice, lost never
    writers = await things.database["outbox_writers"].find({}).to_list(None)
    assert len(writers) == 2
    assert len({record["writer"] for record in await things.records()}) == 2


async def test_an_event_of_a_newer_version_stays_in_its_document_and_delays_no_other(things: RelayedThings) -> None:
    unknown = a_record(0, 1) | {"type": "not.yet.known"}
    shapeless = a_record(0, 2) | {"version": "many"}
    await things.insert_abandoned(unknown, shapeless, a_record(1, 3))

    assert await things.recovery.recover_dead() == 1

    assert await things.published() == [1]
    await things.make_second_recovery_due()
    await things.recovery.recover_dead()
    (left,) = await things.database["outbox_writers"].find({}).to_list(None)
    assert left["exceptions"] == [1, 2]  # tried again later


async def test_an_event_whose_save_has_an_unknown_outcome_is_looked_for_in_its_document(
    things: RelayedThings,
) -> None:
    thing = Thing(id=str(ObjectId()))
    stored, lost = await things.outbox.number("things", ObjectId(thing.id), [user_changed(1), user_changed(2)])
    await things.database["things"].insert_one({"_id": ObjectId(thing.id), "outbox": [stored.to_record()]})
    things.outbox.leave([stored, lost])  # the connection broke

    assert await things.recovery.retry_left() == 1

    assert await things.published() == [1]
    assert list(things.outbox.left) == [lost.number]


async def test_an_event_that_makes_a_follower_fail_delays_no_other(things: RelayedThings) -> None:
    things.follower.fails_on = 3
    for version in range(6):
        await things.save(version)

    async with things.relaying():
        assert await things.outbox.drained(10)

        assert things.follower.delivered == await things.published() == [0, 1, 2, 4, 5]
        await eventually(things.progress_is(Progress(6, frozenset({4}))))

    things.follower.fails_on = -1
    assert await things.recovery.retry_left() == 1
    assert things.follower.delivered == [0, 1, 2, 4, 5, 3]


async def test_deferred_events_delay_no_other_and_stay_stored_until_they_are_delivered(things: RelayedThings) -> None:
    things.rows.down = True
    rows = [audit_of(str(ObjectId()), user_changed(0).at, SYSTEM, ("thing", str(number))) for number in range(5)]
    async with things.relaying():
        for version, row in enumerate(rows):
            await things.repository.save(Thing(id=str(ObjectId())), [row, user_changed(version)])
        await eventually(lambda: _has_published(things, 5))
        assert not await things.outbox.drained(0.5)
        assert things.rows.batches == []

        things.rows.down = False
        await eventually(things.all_relayed)

        assert things.rows.batches == [[row.id for row in rows]]
        assert await things.outbox.drained(5)


async def _has_published(things: RelayedThings, count: int) -> bool:
    return len(await things.published()) == count


async def test_events_of_a_save_are_relayed_although_what_follows_it_was_cancelled(things: RelayedThings) -> None:
    class Interrupted(Repository[Thing]):
        async def update_search_index(self, saved: Thing, changed: Any, before: Any) -> None:
            raise asyncio.CancelledError

    repository = Interrupted(things.database["things"], Thing, things.outbox)
    with pytest.raises(asyncio.CancelledError):
        await repository.save(Thing(id=str(ObjectId())), [user_changed(1)])

    async with things.relaying():
        await eventually(things.all_relayed)

    assert await things.published() == [1]


async def test_a_save_relays_a_stored_event_of_the_save_before_it_that_is_not_queued_yet(things: RelayedThings) -> None:
    slow, release = asyncio.Event(), asyncio.Event()

    class Slow(Repository[Thing]):
        async def update_search_index(self, saved: Thing, changed: Any, before: Any) -> None:
            if saved.version == 1:
                slow.set()
                await release.wait()

    repository = Slow(things.database["things"], Thing, things.outbox)
    thing = Thing(id=str(ObjectId()))
    first = asyncio.create_task(repository.save(thing, [user_changed(1)]))
    await slow.wait()
    found = await repository.find(thing.id)
    assert found is not None
    await repository.save(found, [user_changed(2)])
    release.set()
    await first

    async with things.relaying():
        await eventually(things.all_relayed)

    assert things.follower.delivered == [1, 2]


async def test_after_the_store_was_away_living_processes_get_time_for_a_sign_of_life(
    database: Store, redis: Redis
) -> None:
    things = RelayedThings(database, redis)
    await things.insert_abandoned(a_record(1, 1))
    writers = things.recovery._writers
    things.recovery._writers = StoreThatIsAway(database)
    with pytest.raises(Unavailable):
        await things.recovery.recover_dead()
    things.recovery._writers = writers

    assert await things.recovery.recover_dead() == 0


class StoreThatIsAway(OutboxWriters):
    async def dead(self) -> list[dict[str, Any]]:
        raise Unavailable


async def test_a_writer_that_cannot_be_recovered_does_not_keep_the_others_from_it(things: RelayedThings) -> None:
    await things.insert_abandoned({"type": "broken"} | {"writer": "broken"}, writer="broken")
    await things.insert_abandoned(a_record(1, 1))

    assert await things.recovery.recover_dead() == 1


async def test_after_its_end_a_process_relays_no_more_and_what_it_stored_is_recovered(things: RelayedThings) -> None:
    await things.save(1)
    await things.outbox.close()
    await things.save(2)  # a late one: under a new name

    another = RelayedThings(things.database, things.redis)
    assert await another.recovery.recover_dead() == 1
    assert len(await things.database["outbox_writers"].find({}).to_list(None)) == 2


async def test_unpublished_events_wait_for_others_and_a_published_one_does_not(things: RelayedThings) -> None:
    outbox, now = things.outbox, datetime.now(UTC)

    async def enqueue(event: DomainEvent) -> None:
        outbox.enqueue(await outbox.number("things", ObjectId(), [event]))

    await enqueue(Counted(id="a", at=now))
    await enqueue(Counted(id="b", at=now))
    assert outbox.arrived.count == 0
    await outbox.arrived.newer_than(0)
    assert [entry.event.id for entry in outbox.pending] == ["a", "b"]

    await enqueue(user_changed(1))
    assert outbox.arrived.count == 2
