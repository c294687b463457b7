"""A client that is too slow loses its connection; one that waits for us, or talks at its ease, does not."""

import asyncio
import logging
from dataclasses import replace

import pytest

from http_api.connections.limits import ConnectionLimits
from tests.http_api.connections.raw_client import LARGE, post, served
from tests.waiting import eventually

PATIENT = ConnectionLimits(sweep_seconds=0.05)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_headers_that_do_not_end_are_answered_with_408_and_the_connection_is_closed() -> None:
    async with served(replace(PATIENT, header_seconds=0.2)) as server:
        client = await server.connect(b"GET / HTTP/1.1\r\nHost: x\r\nX-Secret-8417: ")

        answer = await client.answer()

        assert (answer.status, answer.code) == (408, "REQUEST_TIMEOUT")
        assert answer.envelope["requestId"] == answer.headers["X-Request-Id"]
        assert "8417" not in answer.body.decode()
        assert await client.rest() == b""


async def test_headers_that_trickle_in_are_no_progress() -> None:
    async with served(replace(PATIENT, header_seconds=0.3)) as server:
        client = await server.connect(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")

        async def trickle() -> None:
            while True:
                await client.send(b"x")
                await asyncio.sleep(0.02)

        trickling = asyncio.ensure_future(trickle())
        answer = await client.answer()
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)

        assert answer.status == 408


async def test_a_connection_without_a_request_is_closed_without_an_answer() -> None:
    async with served(replace(PATIENT, header_seconds=0.2)) as server:
        client = await server.connect()

        assert await client.rest() == b""
        assert server.count("http_connections_cut_total", reason="headers") == 1


async def test_hundreds_of_half_open_connections_are_closed_while_others_are_served() -> None:
    async with served(replace(PATIENT, header_seconds=1.0)) as server:
        half_open = [await server.connect(b"POST / HTTP/1.1\r\nHost:") for _ in range(300)]
        other = await server.connect(GET)

        assert (await other.answer()).status == 200
        await asyncio.gather(*(client.rest() for client in half_open))
        assert server.count("http_connections_cut_total", reason="headers") == 300
        await other.close()
        await eventually(lambda: server.count("http_connections") == 0)


async def test_a_body_that_stops_is_answered_with_408_and_the_connection_is_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(replace(PATIENT, body_seconds=0.3)) as server:
        client = await server.connect(post(260_000, b"x" * 250_000))

        answer = await client.answer()

        assert (answer.status, answer.code) == (408, "BODY_TOO_SLOW")
        assert answer.headers["Connection"] == "close"
        assert await client.rest() == b""
        await eventually(lambda: server.count("http_unfinished_body_bytes") == 0)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_body_that_goes_on_is_read_to_its_end_however_long_it_takes() -> None:
    async with served(replace(PATIENT, body_seconds=1.0, body_bytes_per_second=1)) as server:
        client = await server.connect(post(100))

        for _ in range(10):  # in all, twice the time that a body without progress has
            await client.send(b"x" * 10)
            await asyncio.sleep(0.2)

        assert (await client.answer()).envelope["data"] == 100


async def test_a_connection_that_is_kept_alive_is_closed_when_no_request_follows() -> None:
    async with served(replace(PATIENT, keep_alive_seconds=0.3)) as server:
        client = await server.connect(GET)
        assert (await client.answer()).status == 200
        await client.send(post(3, b"abc"))
        assert (await client.answer()).envelope["data"] == 3

        assert await client.rest() == b""
        assert server.count("http_connections_cut_total", reason="keep_alive") == 1


async def test_the_headers_of_a_later_request_have_the_same_time_as_those_of_the_first() -> None:
    async with served(replace(PATIENT, header_seconds=0.2)) as server:
        client = await server.connect(GET)
        assert (await client.answer()).status == 200

        await client.send(b"GET / HTTP/1.1\r\n")

        assert (await client.answer()).status == 408


async def test_after_an_early_answer_the_rest_of_the_body_is_read_and_the_next_request_is_served() -> None:
    async with served(PATIENT) as server:
        client = await server.connect(post(100, b"x", "/ignore"))
        assert (await client.answer()).status == 200

        await client.send(b"x" * 99 + post(5, b"abcde"))

        assert (await client.answer()).envelope["data"] == 5


async def test_a_client_that_takes_nothing_of_its_response_is_disconnected() -> None:
    async with served(replace(PATIENT, send_seconds=0.3)) as server:
        client = await server.connect(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")

        await eventually(lambda: server.count("http_connections_cut_total", reason="send") == 1)

        assert len(await client.rest()) < len(LARGE)
