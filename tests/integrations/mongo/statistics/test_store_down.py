"""A store that goes away in the middle: nothing is counted twice, nothing is missed, once it is back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from domain.shared.errors import Unavailable
from tests.integrations.mongo.statistics.office import DEAD_AFTER, Office, busy
from tests.servers import MongoServer


@pytest.fixture
async def store() -> AsyncIterator[tuple[MongoServer, Office]]:
    server = MongoServer()
    server.start()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        server.uri, tz_aware=True, serverSelectionTimeoutMS=500
    )
    yield server, Office(client["test"])
    client.close()
    server.dispose()


async def test_a_store_that_is_killed_between_rows_and_figures(store: tuple[MongoServer, Office]) -> None:
    server, office = store
    history, journal = busy(), office.journal()
    await journal.follow(history.facts[:10])
    await journal.flush()
    await journal.follow(history.facts[10:20])
    server.kill()
    with pytest.raises(Unavailable):
        await journal.flush()
    with pytest.raises(Unavailable):
        await journal.follow(history.facts[20:])
    server.start()

    await journal.follow(history.facts[5:])  # the relay comes with all of them again
    await journal.flush()
    assert await office.differences(history) != []
    await journal.beat()
    await office.keeper.keep()
    assert await office.differences(history) == []


async def test_a_worker_that_never_comes_back(store: tuple[MongoServer, Office]) -> None:
    server, office = store
    history, journal = busy(), office.journal()
    await journal.follow(history.facts)
    server.kill()
    with pytest.raises(Unavailable):
        await journal.close()
    server.start()

    await office.keeper.keep()
    assert await office.differences(history) != []  # it may still live
    office.clock.advance(DEAD_AFTER)
    await office.keeper.keep()
    assert await office.differences(history) == []
