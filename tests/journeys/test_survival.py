"""The whole product on two workers, whatever is killed under it: nothing that was answered is lost to any dashboard.

The sizes keep the gate short. In full: SURVIVAL_CLIENTS=1000 SURVIVAL_REDIS_RESTARTS=20 SURVIVAL_MONGODB_SECONDS=10.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.journeys.crowd import register_users, watching_crowd
from tests.journeys.running import Product, running
from tests.journeys.served import children
from tests.realtime.official_clients import install_clients
from tests.servers import MongoServer, RedisServer, free_port
from tests.waiting import eventually

CLIENTS = int(os.environ.get("SURVIVAL_CLIENTS", "60"))
REDIS_RESTARTS = int(os.environ.get("SURVIVAL_REDIS_RESTARTS", "4"))
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


async def kill_a_worker(product: Product) -> None:
    """Returns when another is ready in its place."""
    before, ready = children(product, "run.py worker"), product.printed.count("is ready (pid")
    os.kill(before[0], signal.SIGKILL)

    async def replaced() -> bool:
        return product.printed.count("is ready (pid") > ready

    await eventually(replaced, 30)


async def restart_often(server: RedisServer, times: int) -> None:
    for _ in range(times):
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await asyncio.sleep(0.5)


async def pause(server: MongoServer, seconds: float) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.start)


async def test_killed_workers_and_stores_lose_nothing_that_was_answered(
    mongo: MongoServer, redis: RedisServer, environment: dict[str, str]
) -> None:
    with running("--workers", "2", environment=environment) as product:
        token = await product.admin_token()
        async with product.client(token) as client, watching_crowd(product, token, CLIENTS) as crowd:
            async with register_users(product, PER_SECOND) as registrations:
                await asyncio.sleep(1)
                for _ in range(2):
                    await kill_a_worker(product)
                    await asyncio.sleep(1)
                await restart_often(redis, REDIS_RESTARTS)
                await pause(mongo, MONGODB_SECONDS)
                await asyncio.sleep(1)

            product.wait_until_ready()
            await crowd.assert_nothing_was_lost(client, registrations)
            await crowd.assert_connections_match(client)


async def test_a_rolling_restart_and_an_end_lose_nothing_and_end_in_time(environment: dict[str, str]) -> None:
    port = free_port()
    with ExitStack() as stack:
        product = stack.enter_context(running("--workers", "2", environment=environment, port=port))
        token = await product.admin_token()
        async with product.client(token) as client, watching_crowd(product, token, CLIENTS) as crowd:
            async with register_users(product, PER_SECOND) as registrations:
                before = set(children(product, "run.py worker"))
                product.process.send_signal(signal.SIGHUP)

                async def replaced() -> bool:
                    return "rolling restart is done" in product.printed

                await eventually(replaced, 90)
                assert not before & set(children(product, "run.py worker"))
                await crowd.all_connected()

                product.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(product.process.wait, 10) == 0
                again = stack.enter_context(running("--workers", "2", environment=environment, port=port, wait=False))
                await asyncio.to_thread(again.wait_until_ready)
                await crowd.all_connected()

            await crowd.assert_nothing_was_lost(client, registrations)
            await crowd.assert_connections_match(client)
            told = [name for each in await crowd.lists.report() for name, _ in each["others"]]
            assert told.count("serverDraining") >= 2 * len(await crowd.lists.report())
