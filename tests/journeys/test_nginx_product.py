"""The product as it is deployed: two machines' worth of it behind the reverse proxy of deploy/."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.journeys.people import USERS, dashboard, data_of, log_in
from tests.journeys.proxied import NGINX, nginx
from tests.journeys.running import Product, running
from tests.journeys.served import served_by
from tests.servers import MongoServer, RedisServer, free_port

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx: apt-get install nginx")

# Another address of this machine than the proxy's own, so that the two can be told apart.
CLIENT = "127.0.0.2"
NAMES = ("app1", "app2")


@dataclass
class Deployed:
    url: str
    products: dict[str, Product]


@pytest.fixture
async def deployed(tmp_path: Path) -> AsyncIterator[Deployed]:
    mongo, redis = MongoServer(), RedisServer()
    shared = {"JWT_SECRET": secrets.token_urlsafe(48), "TRUSTED_PROXIES": "127.0.0.1"}
    with ExitStack() as stack:
        for server in (mongo, redis):
            stack.callback(server.dispose)
            server.start()
        shared |= {"MONGODB_URI": mongo.uri, "REDIS_URL": redis.url}
        products = {
            name: stack.enter_context(running(environment={**shared, "WORKER_NAME": name}, wait=False))
            for name in NAMES
        }
        for product in products.values():
            product.wait_until_ready()
        port = free_port()
        addresses = {name: product.url.removeprefix("http://") for name, product in products.items()}
        async with nginx(tmp_path, port, addresses):
            yield Deployed(f"http://127.0.0.1:{port}", products)


def from_outside(url: str, headers: dict[str, str] | None = None) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(url, headers=headers, connector=aiohttp.TCPConnector(local_addr=(CLIENT, 0)))


async def test_people_and_staff_meet_behind_the_proxy(deployed: Deployed) -> None:
    token = await Product(deployed.url, deployed.products["app1"].process, Path()).admin_token()
    staff = {"Authorization": f"Bearer {token}"}

    async with from_outside(deployed.url) as client:
        for path in ("/", *re.findall(r'(?:src|href)="(/assets/[^"]+)"', await (await client.get("/")).text())):
            async with client.get(path) as answer:
                assert answer.status == 200, path
                assert await answer.read(), path

        number = 0
        while not all(served_by(product, f"{USERS}/login") for product in deployed.products.values()):
            number += 1
            assert number < 30, "one of the two never had a turn"
            user = await log_in(client, f"oBehindNginx{number:015d}")

        async with (
            dashboard(deployed.url, token, "polling") as polling,
            dashboard(deployed.url, token, "websocket") as websocket,
            dashboard(deployed.url, token) as upgrading,
        ):
            watching = (polling, websocket, upgrading)
            assert {each.client.eio.sid.partition(".")[0] for each in watching} <= set(NAMES)
            assert [each.client.transport() for each in watching] == ["polling", "websocket", "websocket"]
            await log_in(client, "oBehindNginx999999999999999")
            for each in watching:
                await each.shows(total=number + 1)
                assert each.pushes > 0

    async with aiohttp.ClientSession(deployed.url, headers=staff) as client:
        shown = await data_of(client, f"{USERS}/{user['id']}")
        log = await data_of(client, f"{USERS}/{user['id']}/login-logs")
    assert shown["lastLoginIp"] == CLIENT
    assert [row["ip"] for row in log["list"]] == [CLIENT]


async def test_nobody_chooses_the_address_that_is_written_down(deployed: Deployed) -> None:
    lie = {"X-Forwarded-For": "203.0.113.9"}

    async with from_outside(deployed.url, lie) as client:
        through_the_proxy = await log_in(client, "oForgedAddress0000000000001")
    async with from_outside(deployed.products["app1"].url, lie) as client:
        past_the_proxy = await log_in(client, "oForgedAddress0000000000002")

    assert through_the_proxy["lastLoginIp"] == CLIENT
    assert past_the_proxy["lastLoginIp"] == CLIENT
