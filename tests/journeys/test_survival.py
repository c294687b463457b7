"""App processes, Redis and MongoDB are killed under load: no dashboard misses an acknowledged registration.

The default sizes keep the suite short. Full size:
SURVIVAL_CLIENTS=1000 SURVIVAL_REDIS_RESTARTS=20 SURVIVAL_MONGODB_SECONDS=10.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.journeys.support.app_processes import app_process_ids, kill_app_process
from tests.journeys.support.crowd import Registrations, register_users, watching_crowd
from tests.journeys.support.running import running
from tests.realtime.official_clients import install_clients
from tests.servers import MongoServer, RedisServer, free_port
from tests.waiting import eventually

CLIENTS = int(os.environ.get("SURVIVAL_CLIENTS", "30"))
REDIS_RESTARTS = int(os.environ.get("SURVIVAL_REDIS_RESTARTS", "2"))
MONGODB_SECONDS = float(os.environ.get("SURVIVAL_MONGODB_SECONDS", "1"))
PER_SECOND = 40


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install_clients()


@pytest.fixture
def mongo() -> Iterator[MongoServer]:
    server = MongoServer()
    server.start()
    yield server
    server.dispose()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.dispose()


@pytest.fixture
def environment(mongo: MongoServer, redis: RedisServer) -> dict[str, str]:
    return {"MONGODB_URI": mongo.uri, "REDIS_URL": redis.url, "JWT_SECRET": "s" * 48}


async def more_registrations(registrations: Registrations, count: int = 20) -> None:
    """Wait until this many more registrations were acknowledged."""
    wanted = len(registrations.ids) + count
    await eventually(lambda: len(registrations.ids) >= wanted, 60)


async def restart_under_load(server: RedisServer, times: int, registrations: Registrations) -> None:
    for _ in range(times):
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await more_registrations(registrations)


async def interrupt(server: MongoServer, seconds: float) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(seconds)  # the length of the outage
    await asyncio.to_thread(server.start)


async def test_killed_app_processes_and_stores_lose_no_acknowledged_registration(
    mongo: MongoServer, redis: RedisServer, environment: dict[str, str]
) -> None:
    with running("--workers", "2", environment=environment) as product:
        token = await product.admin_token()
        async with product.client(token) as client, watching_crowd(product, token, CLIENTS) as crowd:
            async with register_users(product, PER_SECOND) as registrations:
                await more_registrations(registrations)
                for _ in range(2):
                    await kill_app_process(product, app_process_ids(product)[0])
                    await more_registrations(registrations)
                await restart_under_load(redis, REDIS_RESTARTS, registrations)
                await interrupt(mongo, MONGODB_SECONDS)
                await more_registrations(registrations)

            product.wait_until_ready()
            await crowd.assert_nothing_was_lost(client, registrations)
            await crowd.assert_connections_match(client)


async def test_a_rolling_restart_and_a_stop_lose_nothing_and_take_bounded_time(environment: dict[str, str]) -> None:
    port = free_port()
    with ExitStack() as stack:
        product = stack.enter_context(running("--workers", "2", environment=environment, port=port))
        token = await product.admin_token()
        async with product.client(token) as client, watching_crowd(product, token, CLIENTS) as crowd:
            async with register_users(product, PER_SECOND) as registrations:
                before = set(app_process_ids(product))
                product.process.send_signal(signal.SIGHUP)
                await eventually(lambda: "rolling restart is done" in product.printed, 90)
                assert not before & set(app_process_ids(product))
                await crowd.all_connected()

                product.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(product.process.wait, 20) == 0
                again = stack.enter_context(running("--workers", "2", environment=environment, port=port, wait=False))
                await asyncio.to_thread(again.wait_until_ready)
                await crowd.all_connected()

            await crowd.assert_nothing_was_lost(client, registrations)
            await crowd.assert_connections_match(client)
            received = [name for each in await crowd.lists.report() for name, _ in each["others"]]
            assert received.count("serverDraining") >= 2 * len(await crowd.lists.report())
