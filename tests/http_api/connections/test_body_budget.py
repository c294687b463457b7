"""Limits of the bytes that an app process holds for unfinished requests, in all and per address."""

import asyncio
import gzip
from dataclasses import replace

import pytest

from domain.shared.ip_addresses import parse_networks
from http_api.connections.body_budget import BodyBudget
from http_api.connections.limits import ConnectionLimits
from tests.http_api.connections.raw_client import Answer, RawClient, post, served
from tests.waiting import eventually

SMALL = ConnectionLimits(sweep_seconds=0.05, body_bytes=100_000, body_bytes_free=2_000)
LOOPBACK = parse_networks("127.0.0.1")


def refused(answer: Answer) -> bool:
    return (answer.status, answer.code, answer.headers["Connection"], answer.headers["Retry-After"]) == (
        503,
        "TOO_MANY_UPLOADS",
        "close",
        "5",
    )


async def send_on(client: RawClient) -> None:
    while True:
        await client.send(b"x" * 50_000)
        await asyncio.sleep(0.01)


def test_the_budget_is_for_all_addresses_and_for_each() -> None:
    budget = BodyBudget(100, 60)

    assert budget.take("a", 60)
    assert not budget.take("a", 1)
    assert not budget.take("b", 41)
    assert budget.take("b", 40)
    budget.give_back("a", 60)
    assert budget.take("", 60), "a proxy is limited in all alone"
    assert budget.held == 100


async def test_a_body_beyond_the_budget_is_refused_and_small_ones_are_still_served() -> None:
    async with served(SMALL) as server:
        first = await server.connect(post(90_000, b"x" * 80_000))
        await eventually(lambda: server.count("http_unfinished_body_bytes") > 80_000)

        second = await server.connect(post(60_000, b"x" * 59_000))
        assert refused(await second.answer())
        assert await second.rest() == b""
        small = await server.connect(post(1_000, b"x" * 1_000))
        assert (await small.answer()).envelope["data"] == 1_000
        await first.send(b"x" * 10_000)
        assert (await first.answer()).envelope["data"] == 90_000

        await eventually(lambda: server.count("http_unfinished_body_bytes") == 0)
        third = await server.connect(post(60_000, b"x" * 60_000))
        assert (await third.answer()).envelope["data"] == 60_000


async def test_one_address_cannot_use_the_whole_budget_but_a_proxy_can() -> None:
    limits = replace(SMALL, body_bytes_per_address=50_000)
    body = post(80_000, b"x" * 80_000)

    async with served(limits) as server:
        assert refused(await (await server.connect(body)).answer())
    async with served(replace(limits, unlimited_networks=LOOPBACK)) as server:
        assert (await (await server.connect(body)).answer()).status == 200


async def test_a_compressed_body_counts_as_what_it_becomes() -> None:
    packed = gzip.compress(b"x" * 200_000)
    async with served(SMALL) as server:
        client = await server.connect(post(len(packed) + 1, packed, headers="Content-Encoding: gzip\r\n"))

        assert refused(await client.answer())


async def test_requests_that_wait_behind_another_count_too() -> None:
    packed = gzip.compress(b"x" * 60_000)
    one = post(len(packed), packed, headers="Content-Encoding: gzip\r\n")
    async with served(SMALL) as server:
        client = await server.connect(post(10, b"12345") + b"67890" + one * 4)

        answers = [await client.answer()]
        while not refused(answers[-1]):
            answers.append(await client.answer())

        assert await client.rest() == b""


async def test_a_client_that_sends_on_can_read_the_refusal_and_is_disconnected_after_a_while() -> None:
    async with served(replace(SMALL, body_bytes=10_000, linger_seconds=0.3)) as server:
        at_once = await server.connect(post(10_000_000, b"x" * 1_000_000))
        later = await server.connect(post(10_000_000, b"x"))
        await later.send(b"x" * 1_000_000)

        for client in (at_once, later):
            assert refused(await client.answer())
            with pytest.raises(ConnectionError):
                await send_on(client)


async def test_headers_beyond_the_budget_are_refused() -> None:
    async with served(replace(SMALL, body_bytes=10_000)) as server:
        client = await server.connect(
            b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 2000) for n in range(8))
        )

        answer = await client.answer()

        assert (answer.status, answer.code) == (503, "TOO_MANY_UPLOADS")
        assert await client.rest() == b""
