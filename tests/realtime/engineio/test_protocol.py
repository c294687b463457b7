"""The Engine.IO 4 protocol, packet by packet."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.realtime.harness import RunningServer, relaxed_limits, running_server
from tests.waiting import eventually

FAST: dict[str, Any] = {"ping_interval": 0.3, "ping_timeout": 0.2}


async def test_a_polling_session_opens_with_all_parameters() -> None:
    async with running_server(**FAST) as it:
        client = it.polling()

        await client.open()

        assert client.handshake == {
            "sid": client.sid,
            "upgrades": ["websocket"],
            "pingInterval": 300,
            "pingTimeout": 200,
            "maxPayload": 131_072,
        }


async def test_a_websocket_session_offers_no_upgrade() -> None:
    async with running_server(**FAST) as it:
        client = await it.open()

        handshake = json.loads((await client.receive())[1:])

        assert handshake["upgrades"] == []
        assert handshake["pingInterval"] == 300


@pytest.mark.parametrize(
    "query",
    [
        "transport=polling",
        "EIO=abc&transport=polling",
        "EIO=3&transport=polling",
        "EIO=4",
        "EIO=4&transport=abc",
        "EIO=4&transport=polling&sid=unknown",
        "EIO=4&transport=websocket&sid=unknown",
        "EIO=4&transport=websocket",
        "transport=websocket",
    ],
)
async def test_a_bad_query_is_answered_400(query: str) -> None:
    async with running_server() as it, it.http.get(f"{it.url}?{query}") as answer:
        assert answer.status == 400
        assert set(await answer.json()) == {"code", "message"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_wrong_method_is_answered_400(method: str) -> None:
    async with running_server() as it:
        client = it.polling()
        async with it.http.request(method, f"{it.url}?{client.query}") as answer:
            assert answer.status == 400
        if method != "POST":
            await client.open()
            async with it.http.request(method, f"{it.url}?{client.query}") as answer:
                assert answer.status == 400


@pytest.mark.parametrize("query", ["EIO=abc&transport=websocket", "transport=websocket", "EIO=4&transport=abc"])
async def test_a_websocket_with_a_bad_query_does_not_open(query: str) -> None:
    async with running_server() as it:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await it.open(query)


async def test_a_polling_ping_is_answered_and_the_session_stays_open() -> None:
    async with running_server(**FAST) as it:
        client = it.polling()
        await client.open("40/hall,")
        await client.packets()

        for _ in range(3):
            assert await client.get() == (200, "2")
            assert await client.post("3") == (200, "ok")


async def test_a_polling_session_ends_when_its_ping_stays_unanswered() -> None:
    async with running_server(**FAST) as it:
        client = it.polling()
        await client.open("40/hall,")

        await eventually(lambda: not it.server.eio.sockets)

        assert (await client.get())[0] == 400
        assert it.count("realtime_closes_total", reason="ping_timeout") == 1


async def test_a_websocket_ping_is_answered_and_the_session_stays_open() -> None:
    async with running_server(**FAST) as it:
        client = await it.connect()

        for _ in range(3):
            assert await client.receive_any() == "2"
            await client.send("3")


async def test_a_websocket_session_ends_when_its_ping_stays_unanswered() -> None:
    async with running_server(**FAST) as it:
        client = await it.connect()

        while not client.socket.closed:
            await client.socket.receive()

        assert it.recorder.left == [(client.sid, "ping_timeout")]


async def test_a_pong_without_a_ping_does_not_keep_a_session_open() -> None:
    async with running_server(ping_interval=60, ping_timeout=0.2) as it:
        client = await it.connect()
        socket = next(iter(it.server.eio.sockets.values()))
        await client.send("3")
        await client.send("3")
        await client.send('42/hall,1["message"]')
        await client.receive()

        socket.send_ping()
        while not client.socket.closed:
            await client.socket.receive()

        assert it.recorder.left == [(client.sid, "ping_timeout")]


@pytest.mark.parametrize("body", ["abc", "", "4", "2", "5", "\x1e", "bA", "4hello\x1e", "40/hall,\x1eabc", b"\xff\xfe"])
async def test_a_malformed_payload_closes_the_polling_session(body: str | bytes) -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open()

        assert (await client.post(body))[0] == 400

        assert (await client.get())[0] == 400
        assert not it.server.eio.sockets


@pytest.mark.parametrize("packet", ["abc", "", "4", "2", "5", "9", "4abc", b"", b"\x01", "b!"])
async def test_a_malformed_packet_closes_the_websocket(packet: str | bytes) -> None:
    async with running_server() as it:
        client = await it.open()
        await client.receive()

        await client.send(packet)

        assert await client.closed() == 1002
        assert it.count("realtime_closes_total", reason="malformed") == 1


async def test_two_polls_at_once_close_the_session() -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open()

        first = asyncio.create_task(client.get())
        await eventually(lambda: next(iter(it.server.eio.sockets.values())).polling)
        second = await client.get()

        assert await first == (200, "1")
        assert second[0] == 400
        assert not it.server.eio.sockets


async def test_a_close_packet_of_a_polling_client_ends_its_poll_with_a_noop() -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open()
        poll = asyncio.create_task(client.get())
        await eventually(lambda: next(iter(it.server.eio.sockets.values())).polling)

        assert await client.post("1") == (200, "ok")

        assert await poll == (200, "6")
        assert (await client.get())[0] == 400


async def test_a_session_closed_between_two_polls_sends_its_final_payload_to_the_next() -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open("40/hall,")
        await client.packets()
        [sid] = it.recorder.admitted

        it.deliver("last", {"n": 1})
        await it.server.disconnect(sid, namespace="/hall")
        await it.server.close(client.sid or "", "forced_offline")

        assert await client.get() == (200, '42/hall,["last",{"n":1}]\x1e41/hall,\x1e1')
        assert (await client.get())[0] == 400


async def test_a_final_payload_is_dropped_after_some_time() -> None:
    async with running_server(limits=relaxed_limits(close_seconds=0.1)) as it:
        client = it.polling()
        await client.open("40/hall,")
        await client.packets()

        await it.server.close(client.sid or "", "forced_offline")
        await eventually(lambda: not it.server.eio._final_payloads)

        assert (await client.get())[0] == 400


async def test_an_offer_of_deflate_is_not_accepted() -> None:
    async with running_server() as it, it.http.ws_connect(f"{it.url}?EIO=4&transport=websocket", compress=15) as socket:
        assert (await socket.receive()).data.startswith("0{")
        assert socket.compress == 0


async def test_a_close_packet_of_a_websocket_client_closes_the_connection() -> None:
    async with running_server() as it:
        client = await it.open()
        await client.receive()

        await client.send("1")

        assert await client.closed() == 1000


async def _upgraded(it: RunningServer) -> tuple[str, "object"]:
    client = it.polling()
    await client.open("40/hall,")
    await client.packets()
    socket = await it.open(f"EIO=4&transport=websocket&sid={client.sid}")
    await socket.send("2probe")
    assert await socket.receive() == "3probe"
    await socket.send("5")
    return client.query, socket


async def test_the_first_message_after_an_upgrade_is_the_answer_and_not_a_noop() -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open("40/hall,")
        await client.packets()
        socket = await it.open(f"EIO=4&transport=websocket&sid={client.sid}")
        await socket.send("2probe")
        assert await socket.receive() == "3probe"
        await socket.send("5")

        await socket.send('42/hall,["message",1]')

        assert await socket.receive() == '42/hall,["message-back",1]'


async def test_a_waiting_poll_ends_with_a_noop_during_an_upgrade() -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open("40/hall,")
        await client.packets()
        poll = asyncio.create_task(client.get())
        await eventually(lambda: next(iter(it.server.eio.sockets.values())).polling)

        socket = await it.open(f"EIO=4&transport=websocket&sid={client.sid}")
        await socket.send("2probe")

        assert await socket.receive() == "3probe"
        assert await poll == (200, "6")
        it.deliver("held", {"back": True})
        await socket.send("5")
        assert await socket.receive() == '42/hall,["held",{"back":true}]'


async def test_an_upgraded_session_refuses_polls_and_a_second_websocket() -> None:
    async with running_server() as it:
        query, _ = await _upgraded(it)

        async with it.http.get(f"{it.url}?{query}") as answer:
            assert answer.status == 400
        async with it.http.post(f"{it.url}?{query}", data="4x") as answer:
            assert answer.status == 400
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await it.open(query.replace("polling", "websocket"))
        assert len(it.server.eio.sockets) == 1


async def test_a_failed_upgrade_leaves_the_polling_session_as_it_was() -> None:
    async with running_server(limits=relaxed_limits(upgrade_seconds=0.2)) as it:
        client = it.polling()
        await client.open("40/hall,")
        await client.packets()
        wrong = await it.open(f"EIO=4&transport=websocket&sid={client.sid}")
        await wrong.send("2wrong")
        await wrong.closed()
        silent = await it.open(f"EIO=4&transport=websocket&sid={client.sid}")
        await silent.send("2probe")
        assert await silent.receive() == "3probe"
        await silent.closed()

        it.deliver("still", {"here": 1})

        assert await client.packets() == ['42/hall,["still",{"here":1}]']


async def test_binary_data_is_base64_over_polling() -> None:
    async with running_server() as it:
        client = it.polling()
        await client.open("40/hall,")
        await client.packets()

        await client.post('451-/hall,["message",{"_placeholder":true,"num":0}]\x1ebAQIDBA==')

        assert await client.packets() == ['451-/hall,["message-back",{"_placeholder":true,"num":0}]', "bAQIDBA=="]
        assert it.recorder.received_events == [(b"\x01\x02\x03\x04",)]
