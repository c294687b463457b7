"""Connections beyond the caps are closed when they are accepted: counted, logged once, without effect on others."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from domain.shared.ip_addresses import parse_networks
from http_api.connections.connection import PRIVATE_ATTRIBUTES
from http_api.connections.limits import ConnectionLimits, connections_for
from tests.http_api.connections.raw_client import PATIENCE_SECONDS, RawClient, Served, served
from tests.waiting import eventually

LIMITS = ConnectionLimits(sweep_seconds=0.05, per_address=3)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def is_served(client: RawClient) -> bool:
    try:
        await client.send(GET)
        return (await client.answer()).status == 200
    except (ConnectionError, asyncio.IncompleteReadError):
        return False


@asynccontextmanager
async def clients(server: Served, count: int) -> AsyncIterator[list[RawClient]]:
    connected = [await server.connect() for _ in range(count)]
    yield connected
    for client in connected:
        await client.close()


async def test_an_address_has_no_more_connections_than_its_cap_and_a_closed_one_makes_room() -> None:
    async with served(LIMITS) as server, clients(server, 5) as connected:
        assert [await is_served(client) for client in connected] == [True, True, True, False, False]

        await connected[0].close()

        async def makes_room() -> bool:
            return await is_served(await server.connect())

        assert await eventually(makes_room)


async def test_networks_without_limit_and_the_cap_in_all() -> None:
    unlimited = replace(LIMITS, unlimited_networks=parse_networks("127.0.0.0/8"))
    async with served(unlimited) as server, clients(server, 5) as connected:
        assert all([await is_served(client) for client in connected])
    async with served(replace(unlimited, in_all=4)) as server, clients(server, 6) as connected:
        assert [await is_served(client) for client in connected] == [True] * 4 + [False] * 2
        await eventually(lambda: server.count("http_connections_refused_total", reason="total") == 2)


async def test_hundreds_of_refusals_are_counted_and_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async with served(LIMITS) as server, clients(server, 3) as connected:
        assert await is_served(connected[0])
        for _ in range(300):
            await (await server.connect()).rest()

        await eventually(lambda: server.count("http_connections_refused_total", reason="address") == 300)
        assert await is_served(connected[1])
    lines = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in lines] == ["connections.refused"]


def test_the_cap_in_all_follows_from_the_descriptors_that_the_process_may_open() -> None:
    assert [connections_for(descriptors) for descriptors in (100, 1024, 20_000, 1_000_000)] == [50, 768, 19_744, 50_000]


def test_aiohttp_has_the_private_attributes_that_are_used() -> None:
    names = {name for kind in web.RequestHandler.__mro__ for name in getattr(kind, "__slots__", ())}

    assert names >= set(PRIVATE_ATTRIBUTES)


SERVER_WITH_FEW_DESCRIPTORS = """
import asyncio, logging, resource, sys
from prometheus_client import CollectorRegistry
from http_api.connections.limits import ConnectionLimits
from http_api.connections.server import HttpServer
from tests.http_api.connections.raw_client import application

async def main() -> None:
    logging.basicConfig(level="INFO")
    registry = CollectorRegistry()
    limits = ConnectionLimits(per_address=10_000, header_seconds=2.0, sweep_seconds=0.1)
    await HttpServer(application(registry), limits, registry, 1.0).start("127.0.0.1", int(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def server_with_few_descriptors(port: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-c", SERVER_WITH_FEW_DESCRIPTORS, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.kill()
    process.wait()


async def test_without_descriptors_newcomers_are_refused_quietly_and_the_server_recovers(unused_tcp_port: int) -> None:
    with server_with_few_descriptors(unused_tcp_port) as process:
        idle = [await asyncio.open_connection("127.0.0.1", unused_tcp_port) for _ in range(200)]
        async with asyncio.timeout(PATIENCE_SECONDS):
            refused = [reader for reader, _ in idle[150:]]
            assert {await reader.read() for reader in refused} == {b""}

        async def recovered() -> bool:
            return await is_served(RawClient(*await asyncio.open_connection("127.0.0.1", unused_tcp_port)))

        assert await eventually(recovered)
        for _, writer in idle:
            writer.close()
        process.kill()
        _, errors = process.communicate()

    assert len(errors) < 2_000, errors.decode()
    assert b"Traceback" not in errors
