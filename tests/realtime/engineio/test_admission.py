"""Admission: no event before it and every event once after it, however handshake, decision and events interleave."""

import asyncio
import json
import os
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from realtime.socketio.delivery import Delivery
from tests.realtime.harness import PollingClient, RunningServer, WebSocketClient, running_server
from tests.waiting import eventually

INTERLEAVINGS = int(os.environ.get("REALTIME_INTERLEAVINGS", "1000"))
_CONCURRENT = 100


class EventLog:
    """The events of each room so far, which are the backlog of a new client."""

    def __init__(self, it: RunningServer) -> None:
        self._it = it
        self._events: dict[str, list[Delivery]] = defaultdict(list)
        it.recorder.history = self.history

    def history(self, room: str) -> Sequence[Delivery]:
        return list(self._events[room])

    def record(self, room: str) -> None:
        events = self._events[room]
        delivery = Delivery("/hall", (room,), "fact", {"n": len(events)}, offset=f"{len(events)}-0")
        events.append(delivery)
        self._it.fanout.deliver([delivery])

    def length(self, room: str) -> int:
        return len(self._events[room])


async def _slow_decision(wish: dict[str, Any]) -> None:
    for pause in wish["pauses"]:
        await asyncio.sleep(pause)


async def _record_events(log: EventLog, room: str, chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 8)):
        log.record(room)
        await asyncio.sleep(chance.choice([0, 0, 0, 0.001, 0.002]))


def _numbers(packets: Sequence[str]) -> list[int]:
    return [json.loads(packet.partition(",")[2])[1]["n"] for packet in packets]


async def _one(it: RunningServer, log: EventLog, seed: int) -> None:
    chance = random.Random(seed)
    room = f"room-{seed}"
    refuse, leaves = chance.random() < 0.4, chance.random() < 0.2
    pauses = [chance.choice([0, 0, 0.001, 0.003]) for _ in range(chance.randrange(4))]
    wish = json.dumps({"room": room, "refuse": refuse, "pauses": pauses})
    log.record(room)
    client = await it.open()
    await client.receive()
    recording = asyncio.create_task(_record_events(log, room, chance))
    await asyncio.sleep(chance.choice([0, 0.001]))
    await client.send(f"40/hall,{wish}")
    if leaves:
        await asyncio.sleep(chance.choice([0, 0.001, 0.002]))
        await (client.send("41/hall,") if chance.random() < 0.5 else client.close())
    await recording
    if not leaves:
        await (_expect_refusal(client) if refuse else _expect_everything(client, log, room))
    if not client.socket.closed:
        await client.close()


async def _expect_refusal(client: WebSocketClient) -> None:
    """The client receives the refusal and, directly behind it, the answer to its next packet."""
    assert json.loads((await client.receive())[8:])["data"]["code"] == "NOT_AUTHENTICATED"
    await client.send("40/nowhere,")
    assert (await client.receive()).startswith("44/nowhere,")


async def _expect_everything(client: WebSocketClient, log: EventLog, room: str) -> None:
    assert (await client.receive()).startswith("40/hall,")
    log.record(room)
    received = [await client.receive() for _ in range(log.length(room))]
    assert _numbers(received) == list(range(log.length(room)))


async def test_no_interleaving_of_handshake_slow_decision_and_events_loses_or_leaks_an_event() -> None:
    async with running_server() as it:
        it.recorder.before_decision = _slow_decision
        log = EventLog(it)
        for start in range(0, INTERLEAVINGS, _CONCURRENT):
            await asyncio.gather(
                *(_one(it, log, seed) for seed in range(start, min(start + _CONCURRENT, INTERLEAVINGS)))
            )

        await eventually(lambda: not it.server.eio.sockets)
        await eventually(lambda: len(it.recorder.left) == len(it.recorder.admitted))
        assert {sid for sid, _ in it.recorder.left} == set(it.recorder.admitted)
        assert not list(it.server.manager.get_namespaces())


async def test_a_refused_polling_client_receives_only_its_refusal() -> None:
    async def wait(wish: dict[str, Any]) -> None:
        await asyncio.sleep(0.05)

    async with running_server() as it:
        it.recorder.before_decision = wait
        client: PollingClient = it.polling()
        await client.open('40/hall,{"refuse":true}')
        for number in range(10):
            it.deliver("secret", {"n": number})
            await asyncio.sleep(0.01)

        assert await client.packets() == ['44/hall,{"message":"请先登录","data":{"code":"NOT_AUTHENTICATED"}}']


@pytest.mark.parametrize("packet", ["41/hall,", "1"])
async def test_a_client_that_leaves_during_the_decision_is_not_admitted(packet: str) -> None:
    decide = asyncio.Event()

    async def wait(wish: dict[str, Any]) -> None:
        await decide.wait()

    async with running_server() as it:
        it.recorder.before_decision = wait
        websocket = await it.open()
        await websocket.receive()
        polling = it.polling()
        await polling.open("40/hall,")
        await websocket.send("40/hall,")
        await eventually(lambda: len(it.recorder.environs) == 2)

        await polling.post(packet)
        await websocket.send(packet)
        if packet == "1":
            await websocket.closed()
        else:  # the answer to the packet behind it says that it was read
            await websocket.send("40/nowhere,")
            assert (await websocket.receive()).startswith("44/nowhere,")
        decide.set()
        await asyncio.sleep(0.05)  # nothing more happens

        assert it.recorder.admitted == []
        assert it.recorder.left == []
        assert not it.server.manager.receivers("/hall", ("lobby",))


async def test_a_client_may_connect_again_while_its_first_attempt_is_undecided() -> None:
    async def think(wish: dict[str, Any]) -> None:
        await asyncio.sleep(0.05 if wish.get("slow") else 0)

    async with running_server() as it:
        it.recorder.before_decision = think
        client = await it.open()
        await client.receive()
        await client.send('40/hall,{"slow":true,"room":"old"}')
        await client.send("41/hall,")
        await client.send('40/hall,{"room":"new"}')
        assert (await client.receive()).startswith("40/hall,")
        await asyncio.sleep(0.1)

        it.deliver("old", {}, rooms=("old",))
        it.deliver("new", {}, rooms=("new",))

        assert await client.receive() == '42/hall,["new",{}]'
        assert len(it.recorder.admitted) == 1


async def test_the_environ_has_the_address_and_headers_of_the_client() -> None:
    async with running_server() as it:
        await it.connect(headers={"Authorization": "Bearer abc", "User-Agent": "test", "Cookie": "a=b"})

        environ = it.recorder.environs[0]
        assert environ["REMOTE_ADDR"] == "127.0.0.1"
        assert environ["HTTP_AUTHORIZATION"] == "Bearer abc"
        assert environ["HTTP_USER_AGENT"] == "test"
        assert "HTTP_COOKIE" not in environ
