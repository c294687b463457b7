"""Nothing before admission, everything exactly once after it, however hand-shake, slow check and events interleave."""

import asyncio
import json
import os
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from realtime.socketio.delivery import Delivery
from tests.realtime.harness import PollingClient, RunningServer, WebSocketClient, running_server, wait_until

INTERLEAVINGS = int(os.environ.get("REALTIME_INTERLEAVINGS", "1000"))
_AT_ONCE = 100


class Log:
    """What happened in each room so far; a newcomer's backlog is all of it."""

    def __init__(self, it: RunningServer) -> None:
        self._it = it
        self._facts: dict[str, list[Delivery]] = defaultdict(list)
        it.recorder.history = self.history

    def history(self, room: str) -> Sequence[Delivery]:
        return list(self._facts[room])

    def record(self, room: str) -> None:
        facts = self._facts[room]
        delivery = Delivery("/hall", (room,), "fact", {"n": len(facts)}, offset=f"{len(facts)}-0")
        facts.append(delivery)
        self._it.fanout.deliver([delivery])

    def length(self, room: str) -> int:
        return len(self._facts[room])


async def _think(wish: dict[str, Any]) -> None:
    for pause in wish["pauses"]:
        await asyncio.sleep(pause)


async def _facts(log: Log, room: str, chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 8)):
        log.record(room)
        await asyncio.sleep(chance.choice([0, 0, 0, 0.001, 0.002]))


def _numbers(packets: Sequence[str]) -> list[int]:
    return [json.loads(packet.partition(",")[2])[1]["n"] for packet in packets]


async def _one(it: RunningServer, log: Log, seed: int) -> None:
    chance = random.Random(seed)
    room = f"room-{seed}"
    refuse, leaves = chance.random() < 0.4, chance.random() < 0.2
    pauses = [chance.choice([0, 0, 0.001, 0.003]) for _ in range(chance.randrange(4))]
    wish = json.dumps({"room": room, "refuse": refuse, "pauses": pauses})
    log.record(room)
    client = await it.open()
    await client.receive()
    facts = asyncio.create_task(_facts(log, room, chance))
    await asyncio.sleep(chance.choice([0, 0.001]))
    await client.send(f"40/hall,{wish}")
    if leaves:
        await asyncio.sleep(chance.choice([0, 0.001, 0.002]))
        await (client.send("41/hall,") if chance.random() < 0.5 else client.close())
    await facts
    if not leaves:
        await (_expect_refusal(client) if refuse else _expect_everything(client, log, room))
    if not client.socket.closed:
        await client.close()


async def _expect_refusal(client: WebSocketClient) -> None:
    """The refusal and then, as a sign that nothing hides behind it, the answer to a question that has one."""
    assert json.loads((await client.receive())[8:])["data"]["code"] == "NOT_AUTHENTICATED"
    await client.send("40/nowhere,")
    assert (await client.receive()).startswith("44/nowhere,")


async def _expect_everything(client: WebSocketClient, log: Log, room: str) -> None:
    assert (await client.receive()).startswith("40/hall,")
    log.record(room)
    received = [await client.receive() for _ in range(log.length(room))]
    assert _numbers(received) == list(range(log.length(room)))


async def test_every_interleaving_of_handshake_slow_check_and_events_is_safe() -> None:
    async with running_server() as it:
        it.recorder.before_decision = _think
        log = Log(it)
        for start in range(0, INTERLEAVINGS, _AT_ONCE):
            await asyncio.gather(*(_one(it, log, seed) for seed in range(start, min(start + _AT_ONCE, INTERLEAVINGS))))

        await wait_until(lambda: not it.server.eio.sockets)
        await wait_until(lambda: len(it.recorder.left) == len(it.recorder.admitted))
        assert {sid for sid, _ in it.recorder.left} == set(it.recorder.admitted)
        assert not list(it.server.manager.get_namespaces())


async def test_over_polling_a_refused_client_gets_its_refusal_only() -> None:
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


@pytest.mark.parametrize("farewell", ["41/hall,", "1"])
async def test_a_client_that_leaves_while_it_is_checked_leaves_no_ghost(farewell: str) -> None:
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
        await wait_until(lambda: len(it.recorder.environs) == 2)

        await websocket.send(farewell)
        await polling.post(farewell)
        await asyncio.sleep(0.05)
        decide.set()
        await asyncio.sleep(0.05)

        assert it.recorder.admitted == []
        assert it.recorder.left == []
        assert not it.server.manager.receivers("/hall", ("lobby",))


async def test_a_client_may_come_back_while_its_first_attempt_is_still_checked() -> None:
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


async def test_the_environ_names_the_caller_and_its_headers() -> None:
    async with running_server() as it:
        await it.connect(headers={"Authorization": "Bearer abc", "User-Agent": "test", "Cookie": "a=b"})

        environ = it.recorder.environs[0]
        assert environ["REMOTE_ADDR"] == "127.0.0.1"
        assert environ["HTTP_AUTHORIZATION"] == "Bearer abc"
        assert environ["HTTP_USER_AGENT"] == "test"
        assert "HTTP_COOKIE" not in environ
