"""Time that a withdrawn right still holds: from the answer of the change until each socket is closed.

`python -m tests.benchmarks.withdrawn_rights --sockets 500`. Two app processes serve the sockets of staff with one
custom role; the first one answers the change. Bar: p95 ≤ 200 ms, p99 ≤ 1 s, for an edited role and for
suspended accounts.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from integrations.settings import Settings
from integrations.wiring.infrastructure import open_infrastructure
from tests.app_process import Stores, running_process, settings_of
from tests.servers import MongoServer, RedisServer, free_port

BAR_P95, BAR_P99 = 0.2, 1.0
ROLE = "bench"
_CONCURRENT = 50
_SUSPENDED = 40
_DATABASE = "withdrawn_rights"


class Socket:
    """Enters `/users` and notes when the server closes it."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self.closed: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def open(self, http: aiohttp.ClientSession, limit: asyncio.Semaphore) -> None:
        async with limit:
            line = await http.ws_connect(f"{self._url}/socket.io/?EIO=4&transport=websocket")
            await line.receive()
            await line.send_str(f"40/users,{json.dumps({'token': self._token})}")
            answer = str((await line.receive()).data)
            assert answer.startswith("40/users,"), answer
        self._reading = asyncio.create_task(self._read(line))

    async def _read(self, line: aiohttp.ClientWebSocketResponse) -> None:
        async for message in line:
            if message.data == "2":
                await line.send_str("3")
        self.closed.set_result(time.perf_counter())


async def serve(port: int, mongodb_uri: str, redis_url: str) -> None:
    async with running_process(settings_of(mongodb_uri, redis_url, _DATABASE, port=port)):
        print("ready", flush=True)
        await asyncio.Event().wait()


@asynccontextmanager
async def app_process(settings: Settings, mongodb_uri: str, redis_url: str) -> AsyncIterator[str]:
    port = settings.http.port
    arguments = ("--serve", str(port), "--mongodb", mongodb_uri, "--redis", redis_url)
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __spec__.name, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout is not None
    async with asyncio.timeout(60):
        while await started.stdout.readline() != b"ready\n":
            pass
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        started.kill()
        await started.wait()


async def measure(mongodb_uri: str, redis_url: str, count: int) -> bool:
    async with AsyncExitStack() as stack:
        settings = [settings_of(mongodb_uri, redis_url, _DATABASE, port=free_port()) for _ in range(2)]
        urls = [await stack.enter_async_context(app_process(each, mongodb_uri, redis_url)) for each in settings]
        stores = Stores(await stack.enter_async_context(open_infrastructure(settings[0])))
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        _, admin = await stores.hired()
        http.headers["Authorization"] = f"Bearer {admin}"
        role = {"name": "压测", "code": ROLE, "permissions": ["miniprogram-user:view"]}
        made = await (await http.post(f"{urls[0]}/api/roles", json=role)).json()
        people = [await stores.hired(role=ROLE) for _ in range(count)]

        async def connected(members: list[tuple[str, str]]) -> list[Socket]:
            sockets = [Socket(urls[number % 2], token) for number, (_, token) in enumerate(members)]
            limit = asyncio.Semaphore(_CONCURRENT)
            await asyncio.gather(*(each.open(http, limit) for each in sockets))
            return sockets

        suspended = people[:_SUSPENDED]
        sockets = await connected(suspended)
        waits = []
        for (staff_id, _), socket in zip(suspended, sockets, strict=True):
            waits += await _closing(http, f"{urls[0]}/api/users/{staff_id}/suspend", {}, [socket])
        good = _report("suspended accounts", waits)
        sockets = await connected(people[_SUSPENDED:])
        path = f"{urls[0]}/api/roles/{made['data']['id']}"
        waits = await _closing(http, path, {"permissions": ["customer:view"]}, sockets)
        return _report(f"an edited role, {len(sockets)} sockets", waits) and good


async def _closing(http: aiohttp.ClientSession, path: str, body: object, sockets: list[Socket]) -> list[float]:
    """Seconds from the answer until each socket was closed; 0 for one that was closed before the answer."""
    async with http.patch(path, json=body) as answer:
        assert answer.status == 200, await answer.text()
    answered = time.perf_counter()
    async with asyncio.timeout(60):
        closed = await asyncio.gather(*(each.closed for each in sockets))
    return [max(0.0, at - answered) for at in closed]


def _report(name: str, waits: list[float]) -> bool:
    ordered = sorted(waits)
    p95, p99 = ordered[int(len(ordered) * 0.95)], ordered[int(len(ordered) * 0.99)]
    print(f"{name}: p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
    return p95 <= BAR_P95 and p99 <= BAR_P99


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--mongodb", help=argparse.SUPPRESS)
    parser.add_argument("--redis", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve, options.mongodb, options.redis))
        return 0
    mongo, redis = MongoServer(), RedisServer()
    mongo.start()
    redis.start()
    try:
        return 0 if asyncio.run(measure(mongo.uri, redis.url, options.sockets + _SUSPENDED)) else 1
    finally:
        mongo.dispose()
        redis.dispose()


if __name__ == "__main__":
    sys.exit(main())
