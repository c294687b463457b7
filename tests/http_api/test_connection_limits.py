"""The limits of connections in a whole app process: settings, WebSockets and long polls."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

import run
from http_api.connections.limits import ConnectionLimits
from integrations.settings.groups import Profile
from tests.app_process import RunningProcess, running_process, settings_of
from tests.http_api.connections.raw_client import PATIENCE_SECONDS, RawClient, post

LIMITS = ConnectionLimits(
    per_address=4, header_seconds=0.3, body_seconds=0.3, keep_alive_seconds=0.3, send_seconds=0.3, sweep_seconds=0.05
)
SOCKET_IO = "/socket.io/?EIO=4&transport="


@pytest.fixture
async def running(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> AsyncIterator[RunningProcess]:
    async with running_process(settings_of(mongodb_uri, redis_url, database.name), limits=LIMITS) as process:
        yield process


async def raw_client(running: RunningProcess, sent: bytes) -> RawClient:
    client = RawClient(*await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2])))
    await client.send(sent)
    return client


async def until_an_idle_connection_is_closed(running: RunningProcess) -> None:
    client = await raw_client(running, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await client.answer()).status == 200
    assert await client.rest() == b""


async def test_a_websocket_and_a_long_poll_are_not_closed_by_deadlines(running: RunningProcess) -> None:
    async with running.http.ws_connect(running.url + SOCKET_IO + "websocket") as socket:
        assert (await socket.receive_str()).startswith("0")
        async with running.http.get(running.url + SOCKET_IO + "polling") as opened:
            sid = (await opened.text()).partition('"sid":"')[2].partition('"')[0]
        poll = asyncio.ensure_future(running.http.get(f"{running.url}{SOCKET_IO}polling&sid={sid}"))

        for _ in range(3):
            await until_an_idle_connection_is_closed(running)

        assert not poll.done()
        await socket.send_str("40/none,")
        assert (await asyncio.wait_for(socket.receive_str(), PATIENCE_SECONDS)).startswith("44")
        async with running.http.post(f"{running.url}{SOCKET_IO}polling&sid={sid}", data="40/none,"):
            pass
        async with asyncio.timeout(PATIENCE_SECONDS), await poll as answer:
            assert (await answer.text()).startswith("44")


async def test_a_websocket_counts_as_a_connection_until_it_ends(running: RunningProcess) -> None:
    async def is_refused() -> bool:
        client = await raw_client(running, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        return await client.rest() == b""

    sockets = [await running.http.ws_connect(running.url + SOCKET_IO + "websocket") for _ in range(4)]
    assert await is_refused()
    for socket in sockets:
        await socket.close()

    await until_not(is_refused)


async def until_not(check: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await check():
            await asyncio.sleep(0.02)


async def test_a_slow_log_in_is_answered_in_the_language_of_the_client(running: RunningProcess) -> None:
    slow = post(100, b"{", "/api/auth/login", "Accept-Language: en\r\nContent-Type: application/json\r\n")

    answer = await (await raw_client(running, slow)).answer()

    assert (answer.status, answer.code) == (408, "BODY_TOO_SLOW")
    assert answer.envelope["message"] == "The request arrived too slowly; check the network and try again"


@pytest.mark.parametrize(("profile", "loopback_is_limited"), [("dev", False), ("test", False), ("production", True)])
def test_the_cap_is_a_setting_and_proxies_have_none(profile: Profile, loopback_is_limited: bool) -> None:
    http = {"connections_per_address": 7, "trusted_proxies": "10.1.0.0/16"}

    limits = run.connection_limits(settings_of("", "", "", app_env=profile, http=http), 1024)

    networks = {str(network) for network in limits.unlimited_networks}
    assert (limits.in_all, limits.per_address) == (768, 7)
    assert ("127.0.0.0/8" not in networks, "10.1.0.0/16" in networks) == (loopback_is_limited, True)
