"""The real-time side of the whole product on two workers: what operators and staff see of it."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.journeys.people import data_of, log_in
from tests.journeys.running import Product, running
from tests.journeys.served import children
from tests.servers import RedisServer
from tests.waiting import eventually


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running("--workers", "2", environment={"LOG_LEVEL": "DEBUG"}) as started:
        yield started


@asynccontextmanager
async def entered(
    product: Product, auth: dict[str, str], namespace: str = "/users"
) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, dict[str, str]]]:
    """Inside a namespace over a connection of its own, with the answer to its CONNECT."""
    async with product.client() as client, AsyncExitStack() as stack:
        for _ in range(50):
            socket = await stack.enter_async_context(client.ws_connect("/socket.io/?EIO=4&transport=websocket"))
            await socket.receive()
            await socket.send_str(f"40{namespace},{json.dumps(auth)}")
            answer = await socket.receive()
            if answer.type is aiohttp.WSMsgType.TEXT:
                break
            await asyncio.sleep(0.2)  # that worker does not follow yet: closed, to come back
        assert answer.data.startswith(f"40{namespace},"), answer
        yield socket, json.loads(answer.data.partition(",")[2])


async def sockets(client: aiohttp.ClientSession) -> float:
    """In `/users`, as the metrics say."""
    async with client.get("/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
        samples = [sample for family in families for sample in family.samples]
    return sum(
        sample.value
        for sample in samples
        if sample.name == "realtime_connected_sockets" and sample.labels["namespace"] == "/users"
    )


async def count_becomes(client: aiohttp.ClientSession, wanted: int) -> None:
    async def so() -> bool:
        return await sockets(client) == wanted

    await eventually(so, 40)


async def test_metrics_count_the_sockets_of_all_workers_and_forget_those_of_a_dead_one(product: Product) -> None:
    auth = {"token": await product.admin_token()}
    async with product.client() as client:
        await count_becomes(client, 0)
        stack = [entered(product, auth) for _ in range(8)]
        inside = [await each.__aenter__() for each in stack]
        await count_becomes(client, 8)

        [one, _] = children(product, "run.py worker")
        os.kill(one, signal.SIGKILL)

        gone = 0
        for socket, _ in inside:
            try:
                async with asyncio.timeout(0.5):
                    gone += (await socket.receive()).type is not aiohttp.WSMsgType.TEXT
            except TimeoutError:
                continue
        assert 0 < gone < 8
        product.wait_until_ready()
        async with product.client() as again:
            await count_becomes(again, 8 - gone)
        for each in stack:
            await each.__aexit__(None, None, None)


async def test_no_secret_of_the_wire_is_in_any_log(product: Product) -> None:
    token = await product.admin_token()
    async with entered(product, {"token": token}) as (_, first):
        pass
    memory = {"token": token, "pid": first["pid"]}
    async with entered(product, memory) as (socket, second):
        assert second["pid"] == first["pid"]
        await socket.send_str(f"42/users,1{json.dumps(['authenticate', {'token': token}])}")
        await socket.receive()
        await socket.send_str("nonsense " + first["pid"])
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    async with entered(product, memory | {"pid": first["pid"][:-1] + "?"}) as (_, third):
        assert third["pid"] != first["pid"]
    async with product.client() as client:
        await client.get("/socket.io/", params={"EIO": "4", "transport": "polling", "sid": first["pid"], "t": token})

    for secret in (first["pid"].partition(".")[2], third["pid"].partition(".")[2], token, token.rpartition(".")[2]):
        assert secret not in product.printed


async def test_an_administrator_ends_a_connection_wherever_it_is(product: Product) -> None:
    token = await product.admin_token()
    async with product.client(token) as client, entered(product, {"token": token}) as (socket, _):

        async def listed() -> list[str]:
            found = (await data_of(client, "/api/realtime/connections"))["list"]
            return [each["id"] for each in found if each["namespaces"] == ["/users"]]

        async def alone() -> list[str] | None:
            found = await listed()
            return found if len(found) == 1 else None

        [connection] = await eventually(alone, 40)  # those of a killed worker expire first
        ending = f"/api/realtime/connections/{connection}/disconnect"
        async with client.post(ending, json={"reason": "设备遗失"}) as answer:
            assert answer.status == 200

        told = [(await socket.receive()).data for _ in range(2)]
        assert told[0].startswith('42/users,["forcedOffline",{"reason":"设备遗失","by":')
        assert told[1] == "41/users,"
        assert (await socket.receive()).extra == "forced_offline"

        async def nobody() -> bool:
            return not await listed()

        await eventually(nobody, 20)


async def test_it_ends_by_itself_even_while_redis_is_away() -> None:
    server = RedisServer()
    try:
        server.start()
        with running("--workers", "2", environment={"REDIS_URL": server.url}) as product:
            auth = {"token": await product.admin_token()}
            async with entered(product, auth), entered(product, auth), product.client() as client:
                await log_in(client, "oEndsInTime0000000000000001")
                server.kill()
                await log_in(client, "oEndsInTime0000000000000002")  # waits for the bus in its outbox

                product.process.send_signal(signal.SIGTERM)
                # Who takes longer than the supervisor's patience is killed, and the code tells.
                assert await asyncio.to_thread(product.process.wait, 30) == 0
    finally:
        server.dispose()
