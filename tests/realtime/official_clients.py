"""Official Socket.IO clients in a Node process."""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.realtime.realtime_process import token as staff_token
from tests.waiting import eventually

CLIENTS = Path(__file__).parents[1] / "clients"
_LONGEST_LINE = 64 * 1024 * 1024


def install_clients() -> None:
    """Install the packages of the lock file; skips the test without Node."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("需要 Node 和 npm · the official Socket.IO client needs Node and npm")
    folder = os.open(CLIENTS, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # another test process may be installing
        if not (CLIENTS / "node_modules" / ".package-lock.json").exists():
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=CLIENTS, check=True, timeout=300)
    finally:
        os.close(folder)


class OfficialClients:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lock = asyncio.Lock()

    async def do(self, command: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._lock:
            self._process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")
            await self._process.stdin.drain()
            async with asyncio.timeout(60):
                return json.loads(await self._process.stdout.readline())

    async def report(self) -> list[dict[str, Any]]:
        report: list[dict[str, Any]] = await self.do("report")
        return report

    async def all_connected(self, seconds: float = 30.0) -> None:
        async def connected() -> bool:
            return all(connected for connected, _ in await self.do("counts"))

        await eventually(connected, seconds, 0.05)

    async def all_have(self, events: int, seconds: float = 60.0) -> None:
        async def complete() -> bool:
            return all(count >= events for _, count in await self.do("counts"))

        await eventually(complete, seconds, 0.05)


@asynccontextmanager
async def official_clients(
    port: int, clients: int = 1, namespace: str = "/users", event: str = "userChanged", token: str = "", **more: Any
) -> AsyncIterator[OfficialClients]:
    """`more`: `transports`, and `field`, the field of each event that the report lists as `versions`."""
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
        yield OfficialClients(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
