"""Dead connections: however clients connect and disconnect, exactly the connected ones are in rooms."""

import asyncio
import json
import os
import random
from contextlib import suppress
from typing import Any

import aiohttp

from tests.realtime.harness import RunningServer, running_server
from tests.waiting import eventually

STORM = int(os.environ.get("REALTIME_STORM", "600"))
_CONCURRENT = 60


async def _slow_decision(wish: dict[str, Any]) -> None:
    await asyncio.sleep(wish.get("pause", 0))


def _wish(chance: random.Random) -> str:
    return json.dumps({"pause": chance.choice([0, 0, 0.002, 0.01]), "refuse": chance.random() < 0.2})


async def _websocket_visit(it: RunningServer, chance: random.Random) -> None:
    client = await it.open()
    if chance.random() < 0.9:
        await client.send("40/hall," + _wish(chance))
    await asyncio.sleep(chance.choice([0, 0.001, 0.005, 0.02]))
    ending = chance.randrange(5)
    if ending == 0:
        await client.send("41/hall,")
    if ending == 1:
        await client.send("1")
    if ending == 2:
        await client.send("nonsense")
    await (client.close() if ending < 4 else asyncio.sleep(0))
    if ending == 4:
        client.vanish()


async def _polling_visit(it: RunningServer, chance: random.Random) -> None:
    client = it.polling()
    await client.open()
    if chance.random() < 0.9:
        await client.post("40/hall," + _wish(chance))
    ending = chance.randrange(6)
    if ending == 0:
        await client.post("1")
    if ending == 1:
        await client.post("41/hall,\x1e1")
    if ending == 2:
        poll = asyncio.create_task(client.get())
        await asyncio.sleep(chance.choice([0, 0.002, 0.01]))
        poll.cancel()  # as when a browser closes the tab during a poll
    if ending == 3:
        await asyncio.gather(client.get(), client.get())
    if ending == 4:
        await _upgrade(it, client.sid or "", chance)
    # ending 5: the client sends nothing more


async def _upgrade(it: RunningServer, sid: str, chance: random.Random) -> None:
    socket = await it.open(f"EIO=4&transport=websocket&sid={sid}")
    for packet in ("2probe", "5", "3"):
        if chance.random() < 0.25:
            break
        await socket.send(packet)
        await asyncio.sleep(chance.choice([0, 0.003]))
    if chance.random() < 0.5:
        socket.vanish()
    else:
        await socket.close()


async def _visit(it: RunningServer, seed: int) -> None:
    chance = random.Random(seed)
    visit = _websocket_visit if chance.random() < 0.5 else _polling_visit
    with suppress(aiohttp.ClientError, ConnectionError):  # the server may close it before the visit has ended
        await visit(it, chance)


async def test_a_storm_of_connects_and_disconnects_leaves_no_dead_client_in_a_room() -> None:
    async with running_server(ping_interval=0.5, ping_timeout=3) as it:  # time enough to answer under load
        it.recorder.before_decision = _slow_decision
        stayers = [await it.connect() for _ in range(3)]
        reading = [asyncio.create_task(stayer.closed()) for stayer in stayers]
        for start in range(0, STORM, _CONCURRENT):
            await asyncio.gather(*(_visit(it, seed) for seed in range(start, min(start + _CONCURRENT, STORM))))

        await eventually(lambda: len(it.server.eio.sockets) == len(stayers))
        assert not any(task.done() for task in reading)
        await eventually(lambda: len(it.recorder.left) == len(it.recorder.admitted) - len(stayers))

        stayed = {stayer.sid for stayer in stayers}
        present = {sid for sid, _ in it.server.manager.get_participants("/hall", "lobby")}
        left = [sid for sid, _ in it.recorder.left]
        assert present == stayed
        assert len(left) == len(set(left))
        assert set(left) == set(it.recorder.admitted) - stayed
        for task in reading:
            task.cancel()


async def test_shutdown_closes_every_client_and_notifies_every_namespace() -> None:
    async with running_server() as it:
        clients = [await it.connect() for _ in range(5)]
        polling = it.polling()
        await polling.open("40/hall,")
        await polling.packets()
        poll = asyncio.create_task(polling.get())
        await eventually(lambda: any(socket.polling for socket in it.server.eio.sockets.values()))
        codes = [asyncio.create_task(client.closed()) for client in clients]

        await it.server.shutdown()

        assert [await code for code in codes] == [1001] * 5
        assert await poll == (200, "1")
        assert [reason for _, reason in it.recorder.left] == ["server_shutdown"] * 6
        async with it.http.get(f"{it.url}?EIO=4&transport=polling") as answer:
            assert answer.status == 503


async def test_draining_tells_each_client_its_delay_and_closes_one_after_the_other() -> None:
    async with running_server() as it:
        clients = [await it.connect() for _ in range(5)]

        draining = asyncio.create_task(it.server.drain(0.1))
        notices = [json.loads((await client.receive()).partition(",")[2]) for client in clients]
        codes = [await client.closed() for client in clients]
        await draining

        assert {event for event, _ in notices} == {"serverDraining"}
        assert sorted(notice["delayMs"] for _, notice in notices) == [20, 40, 60, 80, 100]
        assert codes == [1001] * 5
