"""An outage of the store: after it nothing is counted twice and nothing is missed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from domain.shared.errors import Unavailable
from tests.integrations.mongo.statistics.statistics_setup import DEAD_AFTER, StatisticsSetup, busy_history
from tests.servers import MongoServer


@pytest.fixture
async def store() -> AsyncIterator[tuple[MongoServer, StatisticsSetup]]:
    server = MongoServer()
    server.start()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        server.uri, tz_aware=True, serverSelectionTimeoutMS=500
    )
    yield server, StatisticsSetup(client["test"])
    client.close()
    server.dispose()


async def test_a_store_that_is_killed_between_rows_and_counters(store: tuple[MongoServer, StatisticsSetup]) -> None:
    server, setup = store
    history, journal = busy_history(), setup.journal()
    await journal.follow(history.events[:10])
    await journal.flush()
    await journal.follow(history.events[10:20])
    server.kill()
    with pytest.raises(Unavailable):
        await journal.flush()
    with pytest.raises(Unavailable):
        await journal.follow(history.events[20:])
    server.start()

    await journal.follow(history.events[5:])  # the relay delivers all of them again
    await journal.flush()
    assert await setup.differences(history) != []
    await journal.heartbeat()
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []


async def test_a_process_that_does_not_return_is_recounted(store: tuple[MongoServer, StatisticsSetup]) -> None:
    server, setup = store
    history, journal = busy_history(), setup.journal()
    await journal.follow(history.events)
    server.kill()
    with pytest.raises(Unavailable):
        await journal.close()
    server.start()

    await setup.maintenance.run_once()
    assert await setup.differences(history) != []  # its writer may still be alive
    setup.clock.advance(DEAD_AFTER)
    await setup.maintenance.run_once()
    assert await setup.differences(history) == []
