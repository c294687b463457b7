"""Hostile input: floods, malformed packets, foreign origins and idle connections harm only their own connection."""

import asyncio
import gc
import ipaddress
import json
import os
import random
import socket
from itertools import count, islice
from typing import Any

import aiohttp
import pytest

from realtime.engineio.limits import Limits, Rate
from tests.realtime.harness import (
    UNLIMITED_RATE,
    RecordingNamespace,
    RunningServer,
    WebSocketClient,
    relaxed_limits,
    running_server,
)
from tests.waiting import eventually

FUZZ = int(os.environ.get("REALTIME_FUZZ", "5000"))
"""Number of packets and requests; the full size is 100,000 and takes minutes."""


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_connection_that_never_enters_a_namespace_is_closed(transport: str) -> None:
    async with running_server(limits=relaxed_limits(connect_seconds=0.2)) as it:
        entered = await it.connect()
        if transport == "websocket":
            idle = await it.open()
            assert await idle.closed() == 1008
        else:
            polling = it.polling()
            await polling.open('40/hall,{"refuse":true}')
            await eventually(lambda: len(it.server.eio.sockets) == 1)

        assert it.count("realtime_closes_total", reason="connect_timeout") == 1
        await entered.send('42/hall,["message"]')
        await entered.receive()


async def test_a_connection_that_left_its_last_namespace_has_the_same_time_again() -> None:
    async with running_server(limits=relaxed_limits(connect_seconds=0.2)) as it:
        client = await it.connect()
        await asyncio.sleep(0.3)
        await client.send("41/hall,")

        assert await client.closed() == 1008


async def test_connects_of_one_address_are_limited() -> None:
    limits = relaxed_limits(connects_per_address=Rate(per_second=0.001, burst=3))
    async with running_server(limits=limits) as it:
        statuses = []
        for _ in range(5):
            async with it.http.get(f"{it.url}?EIO=4&transport=polling") as answer:
                statuses.append(answer.status)
                retry_after = answer.headers.get("Retry-After")

        assert statuses == [200, 200, 200, 429, 429]
        assert retry_after is not None
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await it.open()


async def test_all_connections_together_are_limited() -> None:
    async with running_server(limits=relaxed_limits(max_sockets=2)) as it:
        await it.connect()
        await it.connect()

        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await it.open()

        assert refused.value.status == 429


async def test_messages_over_the_rate_are_refused_and_a_flood_closes() -> None:
    limits = Limits(messages_per_socket=Rate(per_second=0.001, burst=20), connects_per_address=UNLIMITED_RATE)
    async with running_server(limits=limits) as it:
        client = await it.connect()
        answers = []
        for number in range(18):
            await client.send(f'42/hall,{number}["nothing"]')
            answers.append(json.loads((await client.receive()).partition("[")[2][:-1])["error"]["code"])

        assert answers[0] == "UNKNOWN_EVENT"
        assert answers[-1] == "RATE_LIMITED"
        for _ in range(40):
            await client.send("3")
        assert await client.closed() == 1008
        assert it.count("realtime_closes_total", reason="rate_limited") == 1


async def test_the_sockets_of_one_address_share_a_rate() -> None:
    limits = relaxed_limits(messages_per_address=Rate(per_second=0.001, burst=60))
    async with running_server(limits=limits) as it:
        flooding = [await it.connect() for _ in range(4)]  # six tokens each
        answers = []
        for number in range(40):
            client = flooding[number % 4]
            await client.send(f'42/hall,{number}["nothing"]')
            answers.append(json.loads((await client.receive()).partition("[")[2][:-1])["error"]["code"])
        for client in flooding:
            for _ in range(60):
                await client.send("3")

        assert [answer == "RATE_LIMITED" for answer in answers] == [False] * 36 + [True] * 4
        assert [await client.closed() for client in flooding] == [1008] * 4


class SlowNamespace(RecordingNamespace):
    """Its handlers answer when `release` is set."""

    def __init__(self) -> None:
        super().__init__("/slow")
        self.release = asyncio.Event()

    async def on_message(self, sid: str, *arguments: Any) -> tuple[Any, ...]:
        self.received_events.append(arguments)
        await self.release.wait()
        return ()


async def test_events_that_wait_for_a_slow_handler_are_bounded() -> None:
    slow = SlowNamespace()
    async with running_server(limits=relaxed_limits(max_pending_events=2), extra=[slow]) as it:
        client = await it.open()
        await client.receive()
        await client.send("40/slow,")
        await client.receive()
        await client.send('42/slow,0["message"]')
        await eventually(lambda: len(slow.received_events) == 1)
        for number in range(1, 5):
            await client.send(f'42/slow,{number}["message"]')

        refused = [await client.receive() for _ in range(2)]
        slow.release.set()

        assert [("RATE_LIMITED" in answer, answer[:10]) for answer in refused] == [
            (True, "43/slow,3["),
            (True, "43/slow,4["),
        ]
        assert [await client.receive() for _ in range(3)] == [f"43/slow,{number}[]" for number in range(3)]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_message_that_is_too_big_is_refused(transport: str) -> None:
    async with running_server(limits=relaxed_limits(max_message_bytes=1_000)) as it:
        if transport == "websocket":
            client = await it.connect()
            await client.send("x" * 1_001)
            assert await client.closed() == 1009
        else:
            polling = it.polling()
            await polling.open("40/hall,")
            assert (await polling.post("4" + "x" * 1_000))[0] == 413
        assert it.count("realtime_closes_total", reason="message_too_big") == 1


async def test_a_body_without_a_length_is_bounded_as_well() -> None:
    async def endless() -> "object":
        for _ in range(100):
            yield b"x" * 100

    async with running_server(limits=relaxed_limits(max_message_bytes=1_000)) as it:
        polling = it.polling()
        await polling.open()
        async with it.http.post(f"{it.url}?{polling.query}", data=endless()) as answer:
            assert answer.status == 413


async def test_a_body_that_never_ends_is_refused_in_time() -> None:
    async with running_server(limits=relaxed_limits(body_seconds=0.1)) as it:
        polling = it.polling()
        await polling.open()
        reader, writer = await _raw(it)
        writer.write(f"POST /socket.io/?{polling.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4".encode())

        assert b" 400 " in await reader.readline()
        assert not it.server.eio.sockets
        writer.close()


async def test_attachments_are_bounded_in_number_and_together_in_size() -> None:
    async with running_server(limits=relaxed_limits(max_message_bytes=1_000)) as it:
        client = await it.connect()
        await client.send('452-/hall,["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        await client.send(b"x" * 600)
        await client.send(b"x" * 600)

        assert await client.closed() == 1002


@pytest.mark.parametrize(
    ("allowed", "origin", "status"),
    [
        (None, None, 200),
        (None, "http://{host}", 200),
        (None, "https://{host}", 403),
        (None, "https://evil.example", 403),
        (None, "null", 403),
        (["https://crm.example"], "https://crm.example", 200),
        (["https://crm.example"], "https://crm.example.evil", 403),
        (["https://crm.example"], "http://{host}", 403),
        (["*"], "https://anything.example", 200),
        ([], "http://{host}", 403),
    ],
)
async def test_pages_of_foreign_origins_are_refused(allowed: list[str] | None, origin: str | None, status: int) -> None:
    async with running_server(allowed_origins=allowed) as it:
        host = it.url.split("/")[2]
        headers = {} if origin is None else {"Origin": origin.format(host=host)}

        async with it.http.get(f"{it.url}?EIO=4&transport=polling", headers=headers) as answer:
            assert answer.status == status
            assert answer.headers.get("Access-Control-Allow-Origin") == (
                headers.get("Origin") if status == 200 else None
            )
        async with it.http.options(it.url, headers=headers) as preflight:
            assert preflight.status == (204 if status == 200 else 403)
        if status == 403:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await it.open(headers=headers)


@pytest.mark.parametrize(
    ("trusted", "header", "expected"),
    [
        ((), "203.0.113.9", "127.0.0.1"),
        (("127.0.0.0/8",), "203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8",), "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8", "10.0.0.0/8"), "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (("127.0.0.0/8",), "nonsense", "127.0.0.1"),
        (("127.0.0.0/8",), None, "127.0.0.1"),
        (("127.0.0.0/8",), "2001:db8::1", "2001:db8::1"),
    ],
)
async def test_a_forwarded_address_is_trusted_only_from_a_trusted_proxy(
    trusted: tuple[str, ...], header: str | None, expected: str
) -> None:
    async with running_server(trusted_proxies=tuple(map(ipaddress.ip_network, trusted))) as it:
        await it.connect(headers={} if header is None else {"X-Forwarded-For": header})

        assert it.recorder.environs[0]["REMOTE_ADDR"] == expected


async def _raw(it: RunningServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = it.url.split("/")[2].split(":")
    return await asyncio.open_connection(host, int(port))


_HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_a_client_may_send_frames_before_its_handshake_is_answered() -> None:
    async with running_server() as it:
        reader, writer = await _raw(it)
        packet = b"40/hall,"
        writer.write(_HANDSHAKE + bytes((0x81, 0x80 | len(packet))) + b"\0\0\0\0" + packet)

        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101")
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        await eventually(lambda: len(it.recorder.admitted) == 1)
        writer.close()


@pytest.mark.parametrize(
    ("header", "bad"),
    [
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Key: short"),
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"X-Nothing: 1"),
        (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 8"),
        (b"Upgrade: websocket", b"Upgrade: h2c"),
        (b"Connection: Upgrade", b"Connection: close"),
    ],
)
async def test_a_bad_handshake_is_answered_400(header: bytes, bad: bytes) -> None:
    async with running_server() as it:
        reader, writer = await _raw(it)
        writer.write(_HANDSHAKE.replace(header, bad))

        assert b" 400 " in await reader.readline()
        assert not it.server.eio.sockets
        writer.close()


def _mutated(chance: random.Random) -> bytes:
    """A valid packet with random changes."""
    packet = bytearray(
        chance.choice(
            [
                b'42/hall,7["message",{"a":[1,2,{"b":"\xe4\xb8\xad"}]}]',
                b'40/hall,{"token":"abc"}',
                b'451-/hall,1["message",{"_placeholder":true,"num":0}]',
                b'43/hall,1["answer"]',
                b"41/hall,",
                b"3",
                b"2probe",
                b"bAAEC",
            ]
        )
    )
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(packet) + 1)
        what = chance.randrange(3)
        if what == 0:
            packet[at:at] = chance.randbytes(chance.randrange(1, 4))
        elif what == 1 and packet:
            del packet[min(at, len(packet) - 1)]
        elif packet:
            packet[min(at, len(packet) - 1)] = chance.choice(b'0123456789-,/[]{}"_xn\x1e\xff')
    return bytes(packet)


def _frames(chance: random.Random, payload: bytes) -> bytes:
    first = chance.choice([0x81, 0x81, 0x81, 0x82, 0x01, 0x80, 0x89, 0x88, chance.randrange(256)])
    mask = chance.randbytes(4)
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    stream = bytes((first, 0x80 | min(len(payload), 125))) + mask + masked
    return stream if chance.random() < 0.9 else stream[: chance.randrange(len(stream))]


async def _hostile_websocket(it: RunningServer, chance: random.Random) -> int:
    reader, writer = await _raw(it)
    writer.write(_HANDSHAKE)
    if chance.random() < 0.7:
        writer.write(bytes((0x81, 0x88)) + b"\0\0\0\0" + b"40/hall,")
    packets = chance.randrange(1, 12)
    for _ in range(packets):
        writer.write(_frames(chance, _mutated(chance)))
    head = await reader.readline()
    assert b" 101 " in head
    await asyncio.sleep(0.002)
    writer.transport.abort()
    return packets


async def _hostile_http(it: RunningServer, chance: random.Random) -> int:
    client = it.polling()
    if chance.random() < 0.6:
        await client.open()
    query = chance.choice(
        [
            client.query,
            client.query + "&j=0",
            "EIO=4",
            "EIO=4&transport=polling&sid=%00",
            "transport[]=x",
            "EIO=4&EIO=3",
        ]
    )
    method = chance.choice(["GET", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
    body = _mutated(chance) if method == "POST" else None
    if method == "GET" and client.sid:
        await client.post("1")  # otherwise a valid poll would wait for the ping
    async with it.http.request(method, f"{it.url}?{query}", data=body) as answer:
        assert answer.status < 500
    return 1


async def _send_malformed(it: RunningServer, bystander: WebSocketClient, seeds: "count[int]", packets: int) -> None:
    """Send that many malformed packets while the bystander misses no event; only the bystander stays connected."""
    sent = 0
    while sent < packets:
        visits = [(seed, random.Random(seed)) for seed in islice(seeds, 50)]
        sent += sum(
            await asyncio.gather(
                *((_hostile_websocket if seed % 2 else _hostile_http)(it, chance) for seed, chance in visits)
            )
        )
        it.deliver("calm", {"n": sent}, rooms=("calm",))
        assert await bystander.receive() == f'42/hall,["calm",{{"n":{sent}}}]'
    reading = asyncio.create_task(bystander.closed())
    await eventually(lambda: len(it.server.eio.sockets) == 1)
    reading.cancel()


async def _objects(bystander: WebSocketClient) -> int:
    """The lowest of five counts: transports close in later iterations of the loop."""
    reading = asyncio.create_task(bystander.closed())
    counts = []
    for _ in range(5):
        await asyncio.sleep(0.1)
        gc.collect()
        counts.append(len(gc.get_objects()))
    reading.cancel()
    return min(counts)


async def test_malformed_input_closes_its_own_connection_at_most_and_leaks_nothing() -> None:
    seeds = count()
    async with running_server(limits=relaxed_limits(connect_seconds=0.5), ping_interval=0.5, ping_timeout=5) as it:
        bystander = await it.connect({"room": "calm"})
        await _send_malformed(it, bystander, seeds, FUZZ // 4)
        before = await _objects(bystander)

        await _send_malformed(it, bystander, seeds, FUZZ - FUZZ // 4)

        assert [sid for sid, _ in it.server.manager.get_participants("/hall", ["calm", "lobby"])] == [bystander.sid]
        # One object that leaks for each connection would be more.
        assert await _objects(bystander) - before < FUZZ // 3


async def test_a_dead_peer_does_not_disturb_the_fan_out() -> None:
    async with running_server() as it:
        dead = [await it.connect() for _ in range(5)]
        alive = await it.connect()
        for client in dead:
            raw = client.socket.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # the next close is a reset
            client.vanish()

        for number in range(10):
            it.deliver("n", {"n": number})
            assert await alive.receive() == f'42/hall,["n",{{"n":{number}}}]'
        await eventually(lambda: len(it.server.eio.sockets) == 1)
