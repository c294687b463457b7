"""The real-time side of the whole product on two app processes: metrics, logs, list of connections, shutdown."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.journeys.support.app_processes import app_process_ids
from tests.journeys.support.people import data_of, log_in
from tests.journeys.support.running import Product, running
from tests.servers import RedisServer
from tests.waiting import eventually


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running("--workers", "2", environment={"LOG_LEVEL": "DEBUG"}) as started:
        yield started


@asynccontextmanager
async def joined_namespace(
    product: Product, auth: dict[str, str], namespace: str = "/users"
) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, dict[str, str]]]:
    """A connection that has joined a namespace, and the payload of the answer to its CONNECT."""
    async with product.client() as client, AsyncExitStack() as stack:

        async def connect() -> tuple[aiohttp.ClientWebSocketResponse, aiohttp.WSMessage] | None:
            """None when the app process closes the connection, because it does not follow the bus yet."""
            socket = await stack.enter_async_context(client.ws_connect("/socket.io/?EIO=4&transport=websocket"))
            await socket.receive()
            await socket.send_str(f"40{namespace},{json.dumps(auth)}")
            answer = await socket.receive()
            return (socket, answer) if answer.type is aiohttp.WSMsgType.TEXT else None

        socket, answer = await eventually(connect, 20)
        assert answer.data.startswith(f"40{namespace},"), answer
        yield socket, json.loads(answer.data.partition(",")[2])


async def connected_sockets(client: aiohttp.ClientSession) -> float:
    """The number of sockets in `/users`, by the metrics."""
    async with client.get("/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
        samples = [sample for family in families for sample in family.samples]
    return sum(
        sample.value
        for sample in samples
        if sample.name == "realtime_connected_sockets" and sample.labels["namespace"] == "/users"
    )


async def until_connected_sockets(client: aiohttp.ClientSession, wanted: int) -> None:
    async def reached() -> bool:
        return await connected_sockets(client) == wanted

    await eventually(reached, 40)


def listeners(product: Product) -> int:
    """The number of app processes that accept connections."""
    port = f":{int(product.url.rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(port) and row[3] == "0A" for row in rows)


async def test_metrics_count_the_sockets_of_all_app_processes_without_those_of_a_killed_one(product: Product) -> None:
    auth = {"token": await product.admin_token()}
    async with product.client() as client:
        await until_connected_sockets(client, 0)
        await eventually(lambda: listeners(product) == 2)  # the kernel shares connections among those that listen
        stack = [joined_namespace(product, auth) for _ in range(16)]
        sockets = [await each.__aenter__() for each in stack]
        await until_connected_sockets(client, 16)

        [pid, _] = app_process_ids(product)
        os.kill(pid, signal.SIGKILL)

        closed = 0
        for socket, _ in sockets:
            try:
                async with asyncio.timeout(0.5):
                    closed += (await socket.receive()).type is not aiohttp.WSMsgType.TEXT
            except TimeoutError:
                continue
        assert 0 < closed < 16
        product.wait_until_ready()
        async with product.client() as again:
            await until_connected_sockets(again, 16 - closed)
        for each in stack:
            await each.__aexit__(None, None, None)


async def test_no_token_or_recovery_id_is_in_any_log(product: Product) -> None:
    token = await product.admin_token()
    async with joined_namespace(product, {"token": token}) as (_, first):
        pass
    recovery_auth = {"token": token, "pid": first["pid"]}
    async with joined_namespace(product, recovery_auth) as (socket, second):
        assert second["pid"] == first["pid"]
        await socket.send_str(f"42/users,1{json.dumps(['authenticate', {'token': token}])}")
        await socket.receive()
        await socket.send_str("nonsense " + first["pid"])
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    async with joined_namespace(product, recovery_auth | {"pid": first["pid"][:-1] + "?"}) as (_, third):
        assert third["pid"] != first["pid"]
    async with product.client() as client:
        await client.get("/socket.io/", params={"EIO": "4", "transport": "polling", "sid": first["pid"], "t": token})

    for secret in (first["pid"].partition(".")[2], third["pid"].partition(".")[2], token, token.rpartition(".")[2]):
        assert secret not in product.printed


async def test_an_administrator_ends_a_connection_of_any_app_process(product: Product) -> None:
    token = await product.admin_token()
    async with product.client(token) as client, joined_namespace(product, {"token": token}) as (socket, _):

        async def listed() -> list[str]:
            found = (await data_of(client, "/api/realtime/connections"))["list"]
            return [each["id"] for each in found if each["namespaces"] == ["/users"]]

        async def listed_alone() -> list[str] | None:
            found = await listed()
            return found if len(found) == 1 else None

        [connection] = await eventually(listed_alone, 40)  # connections of a killed app process expire first
        ending = f"/api/realtime/connections/{connection}/disconnect"
        async with client.post(ending, json={"reason": "设备遗失"}) as answer:
            assert answer.status == 200

        received = [(await socket.receive()).data for _ in range(2)]
        assert received[0].startswith('42/users,["forcedOffline",{"reason":"设备遗失","by":')
        assert received[1] == "41/users,"
        assert (await socket.receive()).extra == "forced_offline"

        async def none_listed() -> bool:
            return not await listed()

        await eventually(none_listed, 20)


async def test_the_product_stops_in_time_while_redis_is_down() -> None:
    server = RedisServer()
    try:
        server.start()
        with running("--workers", "2", environment={"REDIS_URL": server.url}) as product:
            auth = {"token": await product.admin_token()}
            async with joined_namespace(product, auth), joined_namespace(product, auth), product.client() as client:
                await log_in(client, "oEndsInTime0000000000000001")
                server.kill()
                await log_in(client, "oEndsInTime0000000000000002")  # its event waits in the outbox

                product.process.send_signal(signal.SIGTERM)
                # An app process that drains too slowly is killed, and the exit code is then 1.
                assert await asyncio.to_thread(product.process.wait, 30) == 0
    finally:
        server.dispose()
