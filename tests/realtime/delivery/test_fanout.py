"""Fan-out: the receivers of an event, the order of events, and the number of writes."""

import asyncio
import json
import random

import pytest

from realtime.socketio.delivery import Delivery
from tests.realtime.harness import RunningServer, WebSocketClient, relaxed_limits, running_server
from tests.waiting import eventually


def numbers(packets: list[str]) -> list[int]:
    return [json.loads(packet.partition(",")[2])[1]["n"] for packet in packets]


async def test_an_event_reaches_its_rooms_only() -> None:
    async with running_server() as it:
        clients = {room: await it.connect({"room": room}) for room in "abc"}

        it.deliver("only", {"n": 1}, rooms=("a", "b"))
        it.deliver("end", {}, rooms=("a", "b", "c"))

        assert await clients["a"].receive() == await clients["b"].receive() == '42/hall,["only",{"n":1}]'
        assert await clients["c"].receive() == '42/hall,["end",{}]'


async def test_a_socket_in_several_rooms_receives_an_event_once() -> None:
    async with running_server() as it:
        client = await it.connect({"room": "a"})
        it.server.enter(client.sid, "/hall", "b")

        it.deliver("once", {}, rooms=("a", "b", client.sid))
        it.deliver("end", {}, rooms=(client.sid,))

        assert await client.receive() == '42/hall,["once",{}]'
        assert await client.receive() == '42/hall,["end",{}]'
        assert it.count("realtime_deliveries_total", namespace="/hall") == 2


async def test_rooms_can_be_entered_and_left_at_any_time() -> None:
    async with running_server() as it:
        client = await it.connect()
        it.server.enter(client.sid, "/hall", "b")
        it.deliver("in", {}, rooms=("b",))
        it.server.leave(client.sid, "/hall", "b")
        it.deliver("out", {}, rooms=("b",))
        it.deliver("end", {})

        assert await client.receive() == '42/hall,["in",{}]'
        assert await client.receive() == '42/hall,["end",{}]'
        assert it.server.rooms(client.sid, "/hall") == [client.sid, "lobby"]
        with pytest.raises(ValueError, match="not connected"):
            it.server.enter("nobody", "/hall", "b")


async def test_a_must_arrive_event_has_its_offset_as_last_argument() -> None:
    async with running_server() as it:
        client = await it.connect()

        it.deliver("fact", {"n": 1}, offset="1718000000000-0")

        assert await client.receive() == '42/hall,["fact",{"n":1},"1718000000000-0"]'


async def test_receivers_are_determined_at_the_call() -> None:
    async with running_server() as it:
        client = await it.connect()
        late = await it.connect({"room": "elsewhere"})

        it.deliver("now", {})
        it.server.leave(client.sid, "/hall", "lobby")
        it.server.enter(late.sid, "/hall", "lobby")
        it.deliver("end", {}, rooms=("elsewhere", client.sid))

        assert await client.receive() == '42/hall,["now",{}]'
        assert await late.receive() == '42/hall,["end",{}]'


async def test_everything_that_is_sent_to_a_socket_keeps_its_order() -> None:
    """Events, acknowledgements, binary messages of the library and pings, from several iterations of the loop."""
    chance = random.Random(7)
    async with running_server(ping_interval=0.02, ping_timeout=5) as it:
        client = await it.connect()
        sent = 0
        for _ in range(200):
            for _ in range(chance.randrange(4)):
                if chance.random() < 0.6:
                    it.deliver("n", {"n": sent})
                else:
                    await it.server.emit("n", {"n": sent, "raw": b"x"}, to=client.sid, namespace="/hall")
                sent += 1
            if chance.random() < 0.5:
                await asyncio.sleep(0.001 * chance.random())
        received: list[int] = []
        attachments = 0
        while len(received) < sent:
            packet = await client.receive_any()
            if packet == "2":
                await client.send("3")
            elif isinstance(packet, bytes):
                attachments += 1
            else:
                assert len(received) - attachments >= 0
                received += numbers([packet])
        assert received == list(range(sent))


async def test_events_of_one_iteration_leave_in_one_write() -> None:
    async with running_server() as it:
        await it.connect()
        engine_socket = next(iter(it.server.eio.sockets.values()))
        assert engine_socket.connection is not None
        writes: list[bytes] = []
        engine_socket.connection.write = writes.append

        for number in range(10):
            it.deliver("n", {"n": number})
        await asyncio.sleep(0)

        assert len(writes) == 1
        assert writes[0].count(b'["n",') == 10


async def test_a_large_room_is_written_in_slices_without_losing_order() -> None:
    async with running_server(limits=relaxed_limits(sockets_per_iteration=3)) as it:
        clients = [await it.connect() for _ in range(20)]
        for number in range(30):
            it.deliver("n", {"n": number})
            if number % 4 == 0:
                await asyncio.sleep(0)

        for client in clients:
            assert numbers([await client.receive() for _ in range(30)]) == list(range(30))


async def test_order_holds_through_polling_upgrade_and_websocket() -> None:
    async with running_server() as it:
        polling = it.polling()
        await polling.open("40/hall,")
        await polling.packets()
        received: list[str] = []
        stop = asyncio.Event()

        async def feed() -> int:
            number = 0
            while not stop.is_set():
                it.deliver("n", {"n": number})
                number += 1
                await asyncio.sleep(0.001)
            return number

        feeding = asyncio.create_task(feed())
        while len(received) < 20:
            received += await polling.packets()
        websocket = await it.open(f"EIO=4&transport=websocket&sid={polling.sid}")
        await websocket.send("2probe")
        assert await websocket.receive() == "3probe"
        received += [packet for packet in (await polling.get())[1].split("\x1e") if packet != "6"]
        await asyncio.sleep(0.02)
        await websocket.send("5")
        for _ in range(50):
            received.append(await websocket.receive())
        stop.set()
        total = await feeding
        while len(received) < total:
            received.append(await websocket.receive())

        assert numbers(received) == list(range(total))


def _history(count: int) -> list[Delivery]:
    return [Delivery("/hall", ("lobby",), "n", {"n": number}, offset=f"{number}-0") for number in range(count)]


@pytest.mark.parametrize("count", [1, 20_000])
async def test_history_follows_the_connect_answer_and_precedes_live_events_however_long_it_is(count: int) -> None:
    past = _history(count)
    async with running_server() as it:
        it.recorder.history = lambda room: past
        client = await it.connect()
        it.deliver("n", {"n": count})

        assert numbers([await client.receive() for _ in range(count + 1)]) == list(range(count + 1))


async def test_long_history_arrives_over_polling_too() -> None:
    past = _history(2_000)
    async with running_server() as it:
        it.recorder.history = lambda room: past
        client = it.polling()
        await client.open("40/hall,")
        it.deliver("n", {"n": 2_000})
        received: list[str] = []
        while len(received) < 2_002:
            received += await client.packets()

        assert numbers(received[1:]) == list(range(2_001))


async def _stall(it: RunningServer, client: WebSocketClient) -> int:
    """Let the client stop reading and fill the kernel's buffers; returns how many events that took."""
    client.pause_reading()
    engine_socket = it.server.eio.sockets[it.server.manager.eio_sid_from_sid(client.sid, "/hall") or ""]
    sent = 0
    while engine_socket.queued_bytes == 0:
        while engine_socket.queued_bytes == 0:
            it.deliver("filler", {"x": "y" * 20_000}, rooms=(client.sid,))
            sent += 1
            await asyncio.sleep(0)
        await asyncio.sleep(0.2)  # the kernel may still move bytes from the sender's buffer to the receiver's
    return sent


async def test_a_lagging_client_skips_old_values_and_misses_nothing_that_must_arrive() -> None:
    async with running_server(limits=relaxed_limits(soft_bytes=4_000, hard_bytes=1_000_000)) as it:
        client = await it.connect()
        filler = await _stall(it, client)

        for number in range(500):
            it.deliver("latest", {"n": number, "pad": "p" * 50}, latest_key="statistics")
            if number % 10 == 0:
                it.deliver("must", {"n": number}, offset=f"{number}-0")
            await asyncio.sleep(0)
        client.resume_reading()
        it.deliver("end", {})
        received = [await client.receive() for _ in range(filler)]
        while not received[-1].startswith('42/hall,["end"'):
            received.append(await client.receive())

        must = [packet for packet in received if '"must"' in packet]
        latest = [packet for packet in received if '"latest"' in packet]
        assert numbers(must) == list(range(0, 500, 10))
        assert numbers(latest)[-1] == 499
        assert numbers(latest) == sorted(numbers(latest))
        assert len(latest) < 100
        assert it.count("realtime_coalesced_values_total") == 500 - len(latest)
        assert it.recorder.left == []


async def test_no_event_goes_to_a_whole_namespace() -> None:
    async with running_server() as it:
        with pytest.raises(ValueError, match="rooms"):
            await it.server.emit("all", {}, namespace="/hall")


async def test_deliveries_are_measured() -> None:
    async with running_server() as it:
        clients = [await it.connect() for _ in range(3)]
        it.deliver("n", {"n": 1}, at=0.0)
        for client in clients:
            await client.receive()
        polling = it.polling()
        await polling.open("40/hall,")

        assert it.count("realtime_deliveries_total", namespace="/hall") == 3
        assert it.count("realtime_bytes_total", namespace="/hall") == 3 * (2 + len('42/hall,["n",{"n":1}]'))
        assert it.count("realtime_event_age_seconds_count") == 1
        assert it.count("realtime_connected_sockets", namespace="/hall", transport="websocket") == 3
        assert it.count("realtime_connected_sockets", namespace="/hall", transport="polling") == 1
        await clients[0].close()
        await eventually(lambda: it.count("realtime_closes_total", reason="transport_close") == 1)


async def test_the_librarys_methods_about_a_client_work() -> None:
    async with running_server() as it:
        client = await it.connect()
        async with it.server.session(client.sid, namespace="/hall") as session:
            session["name"] = "Li"

        assert await it.server.get_session(client.sid, namespace="/hall") == {"name": "Li"}
        assert it.server.transport(client.sid, "/hall") == "websocket"
        assert (it.server.get_environ(client.sid, "/hall") or {})["REMOTE_ADDR"] == "127.0.0.1"
        await it.server.enter_room(client.sid, "b", namespace="/hall")
        await it.server.close_room("b", namespace="/hall")
        assert it.server.rooms(client.sid, "/hall") == [client.sid, "lobby"]
