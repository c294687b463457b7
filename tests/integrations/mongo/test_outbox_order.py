"""Events of one document are published in the order of its versions, whichever app process saved them."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.entity import Entity
from domain.shared.events import STREAM_START
from domain.users.events import UserChanged
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_recovery import OutboxRecovery
from integrations.mongo.outbox_relay import OutboxRelay
from integrations.mongo.repository import Repository
from integrations.redis.bus import StreamBus
from tests.background import in_background
from tests.realtime.realtime_process import user_changed

Store = AsyncIOMotorDatabase[dict[str, Any]]
THING = "5" * 24


class Thing(Entity):
    note: str = "x"


class AppProcess:
    def __init__(self, database: Store, redis: Redis) -> None:
        registry = CollectorRegistry()
        self.bus = StreamBus(redis, redis, registry)
        self.database = database
        self.outbox = Outbox(database)
        self.relay = OutboxRelay(self.outbox, {}, self.bus, registry)
        self.repository = Repository(database["things"], Thing, self.outbox)
        self.recovery = OutboxRecovery(self.outbox, database, [self.repository], self.relay)

    async def change(self, *ids: str) -> None:
        """Saves the thing once, with one event, or with one event for each of `ids`."""
        thing = await self.repository.find(THING) or Thing(id=THING)
        event = user_changed(thing.next_version)
        await self.repository.save(thing, [event.model_copy(update={"id": each}) for each in ids] or [event])

    @asynccontextmanager
    async def relaying(self) -> Any:
        async with in_background(self.relay.background):
            yield

    async def published(self) -> Sequence[int]:
        """The published versions, in stream order."""
        entries = await self.bus.history(STREAM_START, (await self.bus.state()).head)
        return [entry.event.version for entry in entries if isinstance(entry.event, UserChanged)]


@pytest.fixture
def processes(database: Store, redis: Redis) -> tuple[AppProcess, AppProcess]:
    return AppProcess(database, redis), AppProcess(database, redis)


async def test_a_process_does_not_overtake_another_that_has_not_relayed_yet(
    processes: tuple[AppProcess, AppProcess],
) -> None:
    slow, quick = processes
    await slow.change()
    await slow.change()
    async with quick.relaying():
        await quick.change()

        assert await quick.outbox.drained(5)
        assert await quick.published() == [1, 2, 3]

    async with slow.relaying():
        assert await slow.outbox.drained(5)
        assert await quick.published() == [1, 2, 3]


async def test_events_of_a_dead_process_are_recovered_in_the_order_of_saving(
    processes: tuple[AppProcess, AppProcess],
) -> None:
    dead, alive = processes
    await dead.change("f" * 24)
    await dead.change("0" * 24)  # from a process whose clock is behind
    await dead.outbox.close()

    assert await alive.recovery.recover_dead() == 2

    assert await alive.published() == [1, 2]


async def test_an_event_of_a_living_process_before_one_of_a_dead_process_is_recovered_with_it(
    processes: tuple[AppProcess, AppProcess],
) -> None:
    slow, dead = processes
    await slow.change()
    await dead.change()
    await dead.outbox.close()

    assert await slow.recovery.recover_dead() == 2

    assert await slow.published() == [1, 2]


async def test_processes_that_take_turns_read_what_the_other_has_relayed(
    processes: tuple[AppProcess, AppProcess],
) -> None:
    one, other = processes
    async with one.relaying(), other.relaying():
        for _ in range(5):
            await one.change()
            assert await one.outbox.drained(5)
            await one.outbox.store_progress()
            await other.change()
            assert await other.outbox.drained(5)
            await other.outbox.store_progress()

        assert await one.published() == list(range(1, 11))  # each once
