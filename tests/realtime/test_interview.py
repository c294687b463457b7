"""Interviews over real sockets: two workers, one room."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.realtime.studio import Studio, studio


@pytest.fixture
async def both(redis_url: str, redis: Redis, mongodb_uri: str, database: Any) -> AsyncIterator[tuple[Studio, Studio]]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(studio(redis_url, mongodb_uri, database.name, "w1"))
        two = await stack.enter_async_context(studio(redis_url, mongodb_uri, database.name, "w2"))
        yield one, two


async def test_host_and_guest_meet_over_two_workers(both: tuple[Studio, Studio]) -> None:
    one, two = both
    room = await one.a_room()
    host = await one.host(room.room_id)

    guest = await two.guest(room.room_id)

    joined = await host.hears("peerJoined")
    assert joined["participant"]["participantId"] == guest.id
    assert guest.snapshot["phase"] == "live"
    assert host.roster == guest.roster == {host.id, guest.id}
