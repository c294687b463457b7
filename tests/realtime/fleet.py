"""Official Socket.IO clients in a Node process, and worker processes for them to connect to."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.realtime.office import token as staff_token

CLIENTS = Path(__file__).parents[1] / "clients"
ROOT = Path(__file__).parents[2]
_LONGEST_LINE = 64 * 1024 * 1024


def install_clients() -> None:
    """The packages that the lock file names; skips the test where there is no Node."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("需要 Node 和 npm · the official Socket.IO client needs Node and npm")
    if not (CLIENTS / "node_modules" / ".package-lock.json").exists():
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=CLIENTS, check=True, timeout=300
        )


class Fleet:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    async def do(self, command: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")
            await self._process.stdin.drain()
            async with asyncio.timeout(60):
                return json.loads(await self._process.stdout.readline())

    async def report(self) -> list[dict[str, Any]]:
        report: list[dict[str, Any]] = await self.do("report")
        return report

    async def all_connected(self, seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not all(connected for connected, _ in await self.do("counts")):
                await asyncio.sleep(0.05)

    async def all_have(self, events: int, seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while any(count < events for _, count in await self.do("counts")):
                await asyncio.sleep(0.05)


@asynccontextmanager
async def fleet(
    port: int, clients: int = 1, namespace: str = "/users", event: str = "userChanged", token: str = "", **more: Any
) -> AsyncIterator[Fleet]:
    """`more`: `field` names what is kept of each event (`versions` of the report), `transports` the ways to connect."""
    config = {
        "url": f"http://127.0.0.1:{port}",
        "namespace": namespace,
        "token": token or staff_token(),
        "clients": clients,
        "event": event,
        "transports": ["websocket"],
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        *("node", "fleet.mjs", json.dumps(config)),
        cwd=CLIENTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    try:
        yield Fleet(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class WorkerProcess:
    """A worker with nothing but its real-time side; several share one port."""

    def __init__(self, name: str, port: int, redis_url: str) -> None:
        self.name = name
        self._arguments = (name, str(port), redis_url)
        self._lives = 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._lives += 1
        name, *rest = self._arguments
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.realtime.worker_app", f"{name}-{self._lives}", *rest),
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            assert await self._process.stdout.readline() == b"ready\n"

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Drain; its exit code."""
        return await self._end(signal.SIGTERM)

    async def asked(self) -> int:
        """How often it had to ask the store of accounts."""
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(30):
            return int(await self._process.stdout.readline())

    async def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        if process.returncode is None:
            process.send_signal(how)
        async with asyncio.timeout(30):
            return await process.wait()


@asynccontextmanager
async def workers(redis_url: str, port: int, count: int = 2) -> AsyncIterator[list[WorkerProcess]]:
    started = [WorkerProcess(f"w{number}", port, redis_url) for number in range(count)]
    try:
        for worker in started:
            await worker.start()
        yield started
    finally:
        for worker in started:
            await worker.kill()
