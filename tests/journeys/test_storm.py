"""Many official clients dropped at random while Redis and workers have troubles of their own: all see everything once.

The full size takes some minutes: STORM_CLIENTS=50 STORM_DROPS=20 STORM_EVENTS=10000.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.errors import Unavailable
from integrations.redis.bus import StreamBus, stream_reader
from tests.realtime.official_clients import (
    AppProcess,
    OfficialClients,
    app_processes,
    install_clients,
    official_clients,
)
from tests.realtime.realtime_process import user_changed
from tests.servers import RedisServer, free_port

CLIENTS = int(os.environ.get("STORM_CLIENTS", "12"))
DROPS = int(os.environ.get("STORM_DROPS", "4"))
EVENTS = int(os.environ.get("STORM_EVENTS", "1000"))
RESTARTS = int(os.environ.get("STORM_RESTARTS", "3"))
PER_SECOND = 150


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install_clients()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.dispose()


@pytest.fixture
async def bus(own_redis: RedisServer) -> AsyncIterator[StreamBus]:
    redis, reader = Redis.from_url(own_redis.url, socket_timeout=5.0), stream_reader(own_redis.url)
    yield StreamBus(redis, reader, CollectorRegistry())
    await redis.aclose()
    await reader.aclose()


async def publish_all(bus: StreamBus, count: int) -> None:
    """As a relay: in order, again until it worked."""
    for version in range(count):
        event = user_changed(version)
        while True:
            try:
                await bus.publish([event])
            except Unavailable:
                await asyncio.sleep(0.02)
            else:
                break
        await asyncio.sleep(1 / PER_SECOND)


async def drop_at_random(clients: OfficialClients, chance: random.Random) -> None:
    drops = [client for client in range(CLIENTS) for _ in range(DROPS)]
    chance.shuffle(drops)
    pause = EVENTS / PER_SECOND / len(drops)
    for client in drops:
        await clients.do("drop", client=client)
        await asyncio.sleep(pause * chance.uniform(0.2, 1.5))


async def everything_arrived(clients: OfficialClients) -> None:
    await clients.all_have(EVENTS, seconds=120)
    for client in await clients.report():
        assert client["versions"] == list(range(EVENTS))
        assert client["recovered"] == client["connects"] - 1, client["lost"]


async def test_random_drops_over_two_workers_lose_and_double_nothing(own_redis: RedisServer, bus: StreamBus) -> None:
    port = free_port()
    async with app_processes(own_redis.url, port), official_clients(port, clients=CLIENTS) as clients:
        await clients.all_connected()

        async with asyncio.TaskGroup() as storm:
            storm.create_task(publish_all(bus, EVENTS))
            storm.create_task(drop_at_random(clients, random.Random(1)))

        await everything_arrived(clients)
        assert sum(client["connects"] for client in await clients.report()) > CLIENTS * (1 + DROPS / 2)


async def test_killed_workers_and_a_killed_redis_lose_and_double_nothing(
    own_redis: RedisServer, bus: StreamBus
) -> None:
    port = free_port()
    async with app_processes(own_redis.url, port) as pair, official_clients(port, clients=CLIENTS) as clients:
        await clients.all_connected()

        async with asyncio.TaskGroup() as storm:
            storm.create_task(publish_all(bus, EVENTS))
            storm.create_task(drop_at_random(clients, random.Random(2)))
            storm.create_task(kill_redis(own_redis))
            storm.create_task(kill_workers(pair))

        await everything_arrived(clients)


async def kill_redis(server: RedisServer) -> None:
    for _ in range(RESTARTS):
        await asyncio.sleep(EVENTS / PER_SECOND / (RESTARTS + 1))
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)


async def kill_workers(pair: list[AppProcess]) -> None:
    for worker in pair:
        await asyncio.sleep(EVENTS / PER_SECOND / 3)
        await worker.kill()
        await worker.start()
