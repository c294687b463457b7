"""Official clients are dropped at random while Redis and app processes are killed: each gets every event once.

The default sizes keep the suite short. Full size, some minutes: STORM_CLIENTS=50 STORM_DROPS=20 STORM_EVENTS=10000.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from integrations.redis.bus import StreamBus, stream_reader
from tests.realtime.official_clients import OfficialClients, install_clients, official_clients
from tests.realtime.realtime_process import user_changed
from tests.realtime.spawned_realtime_processes import AppProcess, app_processes
from tests.servers import RedisServer, free_port
from tests.waiting import eventually

CLIENTS = int(os.environ.get("STORM_CLIENTS", "12"))
DROPS = int(os.environ.get("STORM_DROPS", "4"))
EVENTS = int(os.environ.get("STORM_EVENTS", "500"))
RESTARTS = int(os.environ.get("STORM_RESTARTS", "2"))
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


@dataclass
class Publication:
    """Publishes EVENTS events like a relay: in order, each retried until it succeeds."""

    bus: StreamBus
    published: int = 0

    async def run(self) -> None:
        for version in range(EVENTS):
            await eventually(partial(self._publish, user_changed(version)), 60, 0.02)
            self.published += 1
            await asyncio.sleep(1 / PER_SECOND)  # the rate of the load

    async def reached(self, share: float) -> None:
        """Wait until this share of the events is published."""
        await eventually(lambda: self.published >= EVENTS * share, 300)

    async def _publish(self, event: DomainEvent) -> bool:
        """The bus recognises a repeated event by its id."""
        try:
            await self.bus.publish([event])
        except Unavailable:
            return False
        return True


async def drop_at_random(clients: OfficialClients, publication: Publication, rng: random.Random) -> None:
    drops = [client for client in range(CLIENTS) for _ in range(DROPS)]
    rng.shuffle(drops)
    for client, share in zip(drops, sorted(rng.random() for _ in drops), strict=True):
        await publication.reached(share)
        await clients.do("drop", client=client)


async def kill_redis(server: RedisServer, publication: Publication) -> None:
    for number in range(RESTARTS):
        await publication.reached((number + 1) / (RESTARTS + 1))
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)


async def kill_app_processes(processes: list[AppProcess], publication: Publication) -> None:
    for number, process in enumerate(processes):
        await publication.reached((number + 1) / (len(processes) + 1))
        await process.kill()
        await process.start()


async def assert_all_arrived_once(clients: OfficialClients) -> None:
    await clients.all_have(EVENTS, seconds=120)
    for client in await clients.report():
        assert client["versions"] == list(range(EVENTS))
        assert client["recovered"] == client["connects"] - 1, client["lost"]


async def test_randomly_dropped_clients_get_every_event_once(own_redis: RedisServer, bus: StreamBus) -> None:
    port, publication = free_port(), Publication(bus)
    async with app_processes(own_redis.url, port), official_clients(port, clients=CLIENTS) as clients:
        await clients.all_connected()

        async with asyncio.TaskGroup() as storm:
            storm.create_task(publication.run())
            storm.create_task(drop_at_random(clients, publication, random.Random(1)))

        await assert_all_arrived_once(clients)
        assert sum(client["connects"] for client in await clients.report()) > CLIENTS * (1 + DROPS / 2)


async def test_killed_app_processes_and_a_killed_redis_lose_and_duplicate_nothing(
    own_redis: RedisServer, bus: StreamBus
) -> None:
    port, publication = free_port(), Publication(bus)
    async with app_processes(own_redis.url, port) as pair, official_clients(port, clients=CLIENTS) as clients:
        await clients.all_connected()

        async with asyncio.TaskGroup() as storm:
            storm.create_task(publication.run())
            storm.create_task(drop_at_random(clients, publication, random.Random(2)))
            storm.create_task(kill_redis(own_redis, publication))
            storm.create_task(kill_app_processes(pair, publication))

        await assert_all_arrived_once(clients)
