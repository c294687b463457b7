"""The unmodified official client against real app processes: dropped, killed and drained, it misses nothing."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from integrations.redis.bus import StreamBus, stream_reader
from tests.realtime.official_clients import install_clients, official_clients
from tests.realtime.realtime_process import user_changed
from tests.realtime.spawned_realtime_processes import app_processes
from tests.servers import free_port
from tests.waiting import eventually


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install_clients()


@pytest.fixture
async def bus(redis_url: str, redis: Redis) -> AsyncIterator[StreamBus]:
    reader = stream_reader(redis_url)
    yield StreamBus(redis, reader, CollectorRegistry())
    await reader.aclose()


async def publish(bus: StreamBus, *versions: int) -> None:
    for version in versions:
        await bus.publish([user_changed(version)])


async def test_a_client_is_recovered_after_a_dropped_connection(redis_url: str, bus: StreamBus) -> None:
    port = free_port()
    async with app_processes(redis_url, port), official_clients(port) as clients:
        await clients.all_connected()
        await publish(bus, 1, 2)
        await clients.all_have(2)

        await clients.do("drop", client=0)
        await publish(bus, 3, 4)
        await clients.all_have(4)

        [client] = await clients.report()
        assert client["versions"] == [1, 2, 3, 4]
        assert client["recovered"] == client["connects"] - 1 == 1


async def test_a_client_is_recovered_after_its_app_process_was_killed_even_before_its_first_event(
    redis_url: str, bus: StreamBus
) -> None:
    port = free_port()
    async with app_processes(redis_url, port) as [one, other], official_clients(port, clients=8) as clients:
        await clients.all_connected()

        await one.kill()
        await publish(bus, 1, 2, 3)
        await clients.all_have(3)
        await clients.all_connected()

        for client in await clients.report():
            assert client["versions"] == [1, 2, 3]
            assert client["recovered"] == client["connects"] - 1
        await one.start()
        await other.kill()
        await publish(bus, 4)
        await clients.all_have(4)
        report = await clients.report()
        assert all(client["versions"] == [1, 2, 3, 4] for client in report)
        assert all(client["recovered"] == client["connects"] - 1 for client in report)
        assert sum(client["recovered"] for client in report) >= 8


async def test_a_drained_app_process_loses_nothing_and_exits_with_zero(redis_url: str, bus: StreamBus) -> None:
    port = free_port()
    async with app_processes(redis_url, port) as [one, other], official_clients(port, clients=10) as clients:
        await clients.all_connected()
        await publish(bus, 1)
        await clients.all_have(1)

        code = await one.stop()
        await publish(bus, 2)
        await clients.all_have(2)

        assert code == 0
        for client in await clients.report():
            assert client["versions"] == [1, 2]
            assert client["recovered"] == client["connects"] - 1
            drain_events = [payload for name, payload in client["others"] if name == "serverDraining"]
            assert all(0 <= payload["delayMs"] <= 1000 for payload in drain_events)
            assert len(drain_events) == client["connects"] - 1
        await other.kill()


async def test_the_client_receives_acknowledgements_and_connect_errors(redis_url: str, bus: StreamBus) -> None:
    port = free_port()
    async with (
        app_processes(redis_url, port, count=1),
        official_clients(port) as clients,
        official_clients(port, token="nonsense") as strangers,
    ):
        await clients.all_connected()

        answer = await clients.do("ask", client=0, name="authenticate", payload={"token": "forged"})
        unknown = await clients.do("ask", client=0, name="noSuchEvent", payload={})

        assert answer["ok"] is False
        assert answer["error"]["code"] == "INVALID_TOKEN"
        assert unknown["error"]["code"] == "UNKNOWN_EVENT"

        async def refusals() -> list[str]:
            return list((await strangers.report())[0]["refused"])

        assert await eventually(refusals) == ["INVALID_TOKEN"]
