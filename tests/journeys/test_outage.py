"""MongoDB or Redis fails while users log in, and comes back."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from redis import Redis

from tests.journeys.support.people import USERS, dashboard, data_of, log_in, logins_counted
from tests.journeys.support.running import Product, running
from tests.servers import MongoServer, RedisServer
from tests.waiting import eventually


@dataclass
class Installation:
    mongo: MongoServer
    redis: RedisServer
    product: Product


@pytest.fixture(scope="module")
def started() -> Iterator[Installation]:
    mongo, redis = MongoServer(), RedisServer()
    try:
        mongo.start()
        redis.start()
        with running(environment={"MONGODB_URI": mongo.uri, "REDIS_URL": redis.url}) as product:
            yield Installation(mongo, redis, product)
    finally:
        mongo.dispose()
        redis.dispose()


@pytest.fixture
def installation(started: Installation) -> Iterator[Installation]:
    yield started
    started.mongo.start()
    started.redis.start()
    started.product.wait_until_ready()


async def health(client: aiohttp.ClientSession) -> dict[str, str]:
    """The state of each dependency, and the statuses that a load balancer sees."""
    async with client.get("/health/ready") as answer:
        body = await answer.json()
        shown = {name: check["status"] for name, check in body["checks"].items()}
        return {**shown, "ready": str(answer.status), "live": str((await client.get("/health/live")).status)}


async def assert_unavailable(answer: aiohttp.ClientResponse) -> None:
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    body = await answer.json()
    assert (body["success"], body["data"], body["code"]) == (False, None, "UNAVAILABLE")
    assert body["requestId"] == answer.headers["X-Request-Id"]


async def test_without_mongodb_requests_are_answered_503_and_afterwards_nothing_is_missing(
    installation: Installation,
) -> None:
    mongo, product = installation.mongo, installation.product
    token = await product.admin_token()
    async with product.client(token) as client, dashboard(product.url, token) as watching:
        user = await log_in(client, "oMongoOutage000000000000001")

        async def exact(logins: int) -> bool:
            log = await data_of(client, f"{USERS}/{user['id']}/login-logs")
            total = sum(each["loginCount"] for each in (await data_of(client, USERS))["list"])
            return bool(log["total"] == logins and await logins_counted(client) == total)

        # The embedded MongoDB server cannot start again when it is killed while it creates collections.
        await eventually(lambda: exact(1), 90)
        mongo.kill()

        for answer in await asyncio.gather(
            client.post(f"{USERS}/login", json={"openid": "oMongoOutage000000000000001"}),
            client.post(f"{USERS}/register", json={"openid": "oMongoOutage000000000000002"}),
            client.post("/api/auth/login", json={"username": "admin", "password": "whatever it is"}),
            client.get(USERS),
            client.get(f"{USERS}/statistics"),
        ):
            await assert_unavailable(answer)
        assert await health(client) == {"mongodb": "down", "redis": "up", "ready": "503", "live": "200"}

        mongo.start()
        product.wait_until_ready()
        for _ in range(5):
            await log_in(client, "oMongoOutage000000000000001")
        new = await log_in(client, "oMongoOutage000000000000002")

        assert (await data_of(client, f"{USERS}/{user['id']}"))["loginCount"] == 6
        assert new["isNewUser"] is True
        wanted = (await data_of(client, USERS))["total"]
        await watching.shows(total=wanted)
        await eventually(lambda: exact(6), 90)


async def test_without_redis_logins_work_and_dashboards_catch_up_afterwards(installation: Installation) -> None:
    redis, product = installation.redis, installation.product
    token = await product.admin_token()
    async with product.client(token) as client, dashboard(product.url, token) as watching:
        user = await log_in(client, "oRedisOutage000000000000001")
        await watching.shows(total=(await data_of(client, USERS))["total"])
        redis.kill()

        for _ in range(5):
            await log_in(client, "oRedisOutage000000000000001")
        for number in range(3):
            assert (await log_in(client, f"oRedisOutageNew{number:012d}"))["isNewUser"] is True
        assert await health(client) == {"mongodb": "up", "redis": "down", "ready": "503", "live": "200"}
        await assert_unavailable(await client.get(f"{USERS}/statistics"))
        found = await data_of(client, f"{USERS}/{user['id']}")
        assert found["loginCount"] == 6

        redis.start()
        product.wait_until_ready()
        total = (await data_of(client, USERS))["total"]
        await watching.shows(total=total)
        await log_in(client, "oRedisOutageNew999999999999")
        await watching.shows(total=total + 1)

        async def logged() -> bool:
            return bool((await data_of(client, f"{USERS}/{user['id']}/login-logs"))["total"] == 6)

        await eventually(logged, 15)


async def test_an_app_process_whose_background_job_fails_is_restarted_until_the_job_works(tmp_path: Path) -> None:
    """The epoch of the bus has an invalid value, which no background job expects."""
    server = RedisServer()
    try:
        server.start()
        with Redis.from_url(server.url) as redis:
            redis.set("{bus}:epoch", b"\xff")
            with running(data=tmp_path, environment={"REDIS_URL": server.url}, wait=False) as product:
                await eventually(lambda: "ended with code 1; restart in" in product.printed, 60)
                redis.delete("{bus}:epoch")

                product.wait_until_ready(60)
    finally:
        server.dispose()
