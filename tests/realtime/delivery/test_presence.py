"""Presence: live connections of all processes, without dead ones, whichever process dies."""

import asyncio
import random
from typing import Any

from redis.asyncio import Redis

from tests.realtime.realtime_process import RealtimeProcess, StaffClient, realtime_process, token
from tests.realtime.spawned_realtime_processes import AppProcess
from tests.servers import free_port
from tests.waiting import eventually

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"


async def listed(it: RealtimeProcess, count: int) -> None:
    async def there() -> bool:
        return len(await it.presence_store.all()) == count

    await eventually(there, seconds=25)


async def test_a_connection_is_listed_with_its_details(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        socket = await it.http.ws_connect(f"{it.url}?EIO=4&transport=websocket", headers={"User-Agent": CHROME})
        await socket.receive()
        for namespace in ("/users", "/connections"):
            await socket.send_str(f'40{namespace},{{"token":"{token("ann")}"}}')
            await socket.receive()
        await listed(it, 1)

        [connection] = await it.presence_store.all()

        assert (connection.staff_id, connection.name, connection.role) == ("ann", "Ann", "admin")
        assert connection.device == "Chrome · Windows"
        assert connection.address == "127.0.0.1"
        assert connection.namespaces == ("/connections", "/users")
        assert connection.transport == "websocket"
        assert connection.worker == "w1"
        assert connection.id not in it.edge.server.eio.sockets


async def test_watchers_on_every_process_see_connections_open_and_close(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as one, realtime_process(redis_url, process_id="w2") as other:
        here = await one.connect_staff("/users", token=token("ann"))
        await listed(one, 1)
        watcher = await other.connect_staff("/connections", token=token("boss"))
        name, snapshot = await watcher.event()
        assert (name, [entry["name"] for entry in snapshot["list"]]) == ("snapshot", ["Ann"])

        there = await one.connect_staff("/users", token=token("bob"))
        arrived = await _next(watcher, "connected", "Bob")
        here.vanish()
        there.vanish()
        gone = {(await _next(watcher, "disconnected"))["id"] for _ in range(2)}

        assert gone == {snapshot["list"][0]["id"], arrived["connection"]["id"]}


async def test_a_client_learns_which_connection_of_the_list_is_its_own(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        await it.connect_staff("/users", token=token("ann"))
        watcher = await it.connect_staff("/connections", token=token("boss"))
        await watcher.event()  # the snapshot
        own = (await _next(watcher, "connected", "Boss"))["connection"]

        assert await watcher.ask("own", None) == {"ok": True, "data": {"id": own["id"]}}


async def _next(watcher: StaffClient, wanted: str, name: str = "") -> dict[str, Any]:
    while True:
        event, payload = await watcher.event()
        if event == wanted and (not name or payload["connection"]["name"] == name):
            return dict(payload)


async def test_dashboards_are_counted_over_all_processes(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as one, realtime_process(redis_url, process_id="w2") as other:
        await one.presence_store.replace("w1", [], 2)
        await one.presence_store.replace("w2", [], 3)

        assert await one.presence_store.count() == await other.presence_store.count() == 5


async def test_no_dead_connection_is_listed_after_a_storm_on_both_transports(redis_url: str, redis: Redis) -> None:
    chance = random.Random(7)
    async with realtime_process(redis_url, ping_interval=0.5, ping_timeout=0.5) as it:
        await asyncio.gather(*(_come_and_go(it, chance.random(), chance.random() < 0.5) for _ in range(150)))
        await eventually(lambda: not it.edge.server.eio.sockets)
        await eventually(lambda: len(it.edge.clients) == 0)

        await listed(it, 0)
        assert not it.edge.presence.connections


async def _come_and_go(it: RealtimeProcess, mood: float, polling: bool) -> None:
    """Connect over one of the transports, then vanish, leave, or leave during the decision."""
    await asyncio.sleep(mood * 0.3)
    hello = f'40/users,{{"token":"{token(f"s{mood}")}"}}'
    if polling:
        async with it.http.get(f"{it.url}?EIO=4&transport=polling") as answer:
            sid = (await answer.text()).split('"sid":"')[1].split('"')[0]
        url = f"{it.url}?EIO=4&transport=polling&sid={sid}"
        packets = [hello, "41/users,"] if mood < 0.3 else [hello, "1"] if mood < 0.6 else [hello]
        for packet in packets:
            async with it.http.post(url, data=packet) as answer:
                await answer.read()
        return
    socket = await it.http.ws_connect(f"{it.url}?EIO=4&transport=websocket")
    await socket.receive()
    await socket.send_str(hello)
    if mood < 0.5:
        await socket.receive()
    if mood < 0.7:
        await socket.close()
    else:
        connection = socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.abort()


async def test_the_connections_of_a_killed_process_expire(redis_url: str, redis: Redis) -> None:
    port = free_port()
    worker = AppProcess("doomed", port, redis_url)
    await worker.start()
    async with realtime_process(redis_url, process_id="w2", dead_after_seconds=4) as it:
        socket = await it.http.ws_connect(f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket")
        await socket.receive()
        await socket.send_str(f'40/users,{{"token":"{token("ann")}"}}')
        await listed(it, 1)
        watcher = await it.connect_staff("/connections", token=token("boss"))

        await worker.kill()

        gone = await _next(watcher, "disconnected")
        assert gone["staffId"] == "ann"
        assert [entry.staff_id for entry in await it.presence_store.all()] == ["boss"]


async def test_a_store_that_lost_a_process_is_written_anew(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url) as it:
        client = await it.connect_staff()
        await listed(it, 1)

        await it.presence_store.withdraw("w1")  # as after a pause in which other processes declared it dead

        await listed(it, 1)
        await it.publish(1)
        assert await client.versions(1) == [1]
