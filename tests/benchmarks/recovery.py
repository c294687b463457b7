"""A reconnect storm: thousands of clients lose their connection at once and reconnect with their pid.

`python -m tests.benchmarks.recovery --clients 5000`. One of the two app processes is killed (kill -9) and
replaced, the clients of the other are disconnected, then all reconnect at the same moment. Bar: all resumed within 10 s
on two cores that the processes, Redis and these clients share, and no query for permissions.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from typing import Any

from tests.benchmarks.fanout_load import masked_text
from tests.realtime.realtime_process import token as staff_token
from tests.realtime.spawned_realtime_processes import AppProcess, app_processes
from tests.servers import RedisServer, free_port

BAR_SECONDS = 10.0
_CONCURRENT = 500


class Client(asyncio.Protocol):
    """Enters `/users` with its recovery data, answers pings, keeps its pid."""

    def __init__(self, token: str, recovery: dict[str, str]) -> None:
        self._token = token
        self.recovery = recovery
        self.recovered = False
        self.entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._received = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        auth = json.dumps({"token": self._token, **self.recovery})
        hello = masked_text(f"40/users,{auth}")
        transport.write(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            + hello
        )

    def data_received(self, data: bytes) -> None:
        if self.entered.done():
            if data.endswith(b"\x81\x012"):
                assert self.transport is not None
                self.transport.write(masked_text("3"))
            return
        self._received += data
        start = self._received.find(b"40/users,")
        end = self._received.find(b'"}', start)
        if start >= 0 and end >= 0:
            answer: dict[str, Any] = json.loads(self._received[start + 9 : end + 2])
            self.recovered = answer.get("recovery") == {"recovered": True}
            self.recovery = {"pid": answer["pid"]}
            self.entered.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.entered.done():
            self.entered.set_exception(ConnectionError("lost before it had entered"))


async def enter(port: int, token: str, recovery: dict[str, str], slots: asyncio.Semaphore) -> Client:
    async with slots:
        while True:
            try:
                _, client = await asyncio.get_running_loop().create_connection(
                    lambda: Client(token, recovery), "127.0.0.1", port
                )
                await client.entered
            except OSError:
                await asyncio.sleep(0.1)
            else:
                return client


async def enter_all(port: int, tokens: list[str], recoveries: list[dict[str, str]]) -> list[Client]:
    slots = asyncio.Semaphore(_CONCURRENT)
    pairs = zip(tokens, recoveries, strict=True)
    return list(await asyncio.gather(*(enter(port, token, recovery, slots) for token, recovery in pairs)))


async def storm(count: int) -> bool:
    redis, port = RedisServer(), free_port()
    redis.start()
    try:
        async with app_processes(redis.url, port) as pair:
            tokens = [staff_token(f"staff{number}") for number in range(count)]
            started = time.perf_counter()
            clients = await enter_all(port, tokens, [{}] * count)
            first = time.perf_counter() - started
            await asyncio.sleep(1.0)
            queries_before = await pair[1].authority_queries()

            await pair[0].kill()
            replacement: AppProcess = pair[0]
            await replacement.start()
            for client in clients:
                assert client.transport is not None
                client.transport.abort()
            started = time.perf_counter()
            clients = await enter_all(port, tokens, [client.recovery for client in clients])
            seconds = time.perf_counter() - started
            recovered = sum(client.recovered for client in clients)
            queries = await pair[0].authority_queries() + await pair[1].authority_queries() - queries_before
    finally:
        redis.dispose()
    sys.stdout.write(f"first connect of {count}: {first:.1f} s\n")
    sys.stdout.write(f"storm: {recovered} of {count} resumed in {seconds:.1f} s (bar {BAR_SECONDS:.0f} s)\n")
    sys.stdout.write(f"ratio to the first connect: {seconds / first:.2f}; queries for permissions: {queries}\n")
    return recovered == count and seconds <= BAR_SECONDS and queries == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=5000)
    count = parser.parse_args().clients
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # inherited by the app processes
    return 0 if asyncio.run(storm(count)) else 1


if __name__ == "__main__":
    sys.exit(main())
