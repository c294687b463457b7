"""The product as it is deployment: two installations behind the reverse proxy of deploy/."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.file_samples import photo_with_place
from tests.journeys.support.app_processes import processes_that_served
from tests.journeys.support.nginx_proxy import NGINX, nginx
from tests.journeys.support.people import USERS, dashboard, data_of, log_in
from tests.journeys.support.running import Product, running
from tests.servers import MongoServer, RedisServer, free_port

pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx: apt-get install nginx")

# An address of this machine other than the proxy's, to distinguish client and proxy.
CLIENT = "127.0.0.2"
NAMES = ("app1", "app2")


@dataclass
class Deployment:
    url: str
    products: dict[str, Product]


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    mongo, redis = MongoServer(), RedisServer()
    shared = {"JWT_SECRET": secrets.token_urlsafe(48), "TRUSTED_PROXIES": "127.0.0.1"}
    with ExitStack() as stack:
        for server in (mongo, redis):
            stack.callback(server.dispose)
            server.start()
        shared |= {"MONGODB_URI": mongo.uri, "REDIS_URL": redis.url, "FILES_DIR": str(tmp_path / "files")}
        products = {
            name: stack.enter_context(running(environment={**shared, "WORKER_NAME": name}, wait=False))
            for name in NAMES
        }
        for product in products.values():
            product.wait_until_ready()
        port = free_port()
        addresses = {name: product.url.removeprefix("http://") for name, product in products.items()}
        async with nginx(tmp_path, port, addresses):
            yield Deployment(f"http://127.0.0.1:{port}", products)


def client_session(url: str, headers: dict[str, str] | None = None) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(url, headers=headers, connector=aiohttp.TCPConnector(local_addr=(CLIENT, 0)))


async def test_users_and_staff_work_behind_the_proxy(deployment: Deployment) -> None:
    token = await Product(deployment.url, deployment.products["app1"].process, Path()).admin_token()
    staff = {"Authorization": f"Bearer {token}"}

    async with client_session(deployment.url) as client:
        for path in ("/", *re.findall(r'(?:src|href)="(/assets/[^"]+)"', await (await client.get("/")).text())):
            async with client.get(path) as answer:
                assert answer.status == 200, path
                assert await answer.read(), path

        photo, form = photo_with_place((900, 600)) + bytes(3_000_000), aiohttp.FormData()
        form.add_field("avatar", photo, filename="photo.jpg")
        async with client.post("/api/auth/avatar", data=form, headers=staff) as answer:
            assert answer.status == 200, await answer.text()
            address = (await answer.json())["data"]["avatar"]
        async with client.get(address, headers=staff) as answer:
            assert answer.content_type == "image/jpeg"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

        number = 0
        while not all(processes_that_served(product, f"{USERS}/login") for product in deployment.products.values()):
            number += 1
            assert number < 30, "one of the two processes got no request"
            user = await log_in(client, f"oBehindNginx{number:015d}")

        async with (
            dashboard(deployment.url, token, "polling") as polling,
            dashboard(deployment.url, token, "websocket") as websocket,
            dashboard(deployment.url, token) as upgrading,
        ):
            watching = (polling, websocket, upgrading)
            assert {each.client.eio.sid.partition(".")[0] for each in watching} <= set(NAMES)
            assert [each.client.transport() for each in watching] == ["polling", "websocket", "websocket"]
            await log_in(client, "oBehindNginx999999999999999")
            for each in watching:
                await each.shows(total=number + 1)
                assert each.pushes > 0

    async with aiohttp.ClientSession(deployment.url, headers=staff) as client:
        shown = await data_of(client, f"{USERS}/{user['id']}")
        log = await data_of(client, f"{USERS}/{user['id']}/login-logs")
    assert shown["lastLoginIp"] == CLIENT
    assert [row["ip"] for row in log["list"]] == [CLIENT]


async def test_a_client_cannot_forge_its_logged_address(deployment: Deployment) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9"}

    async with client_session(deployment.url, forged) as client:
        via_proxy = await log_in(client, "oForgedAddress0000000000001")
    async with client_session(deployment.products["app1"].url, forged) as client:
        bypassing_proxy = await log_in(client, "oForgedAddress0000000000002")

    assert via_proxy["lastLoginIp"] == CLIENT
    assert bypassing_proxy["lastLoginIp"] == CLIENT
