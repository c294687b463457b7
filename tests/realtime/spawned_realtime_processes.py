"""App processes with the real-time part alone, as spawned processes: a test can kill and restart them."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class AppProcess:
    """An app process with the real-time part alone; several share one port."""

    def __init__(self, name: str, port: int, redis_url: str) -> None:
        self.name = name
        self._arguments = (name, str(port), redis_url)
        self._starts = 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._starts += 1
        name, *rest = self._arguments
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.realtime.realtime_process_main", f"{name}-{self._starts}", *rest),
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            assert await self._process.stdout.readline() == b"ready\n"

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Drain, and return the exit code."""
        return await self._end(signal.SIGTERM)

    async def authority_queries(self) -> int:
        """The number of its queries for permissions."""
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
async def app_processes(redis_url: str, port: int, count: int = 2) -> AsyncIterator[list[AppProcess]]:
    started = [AppProcess(f"w{number}", port, redis_url) for number in range(count)]
    try:
        for worker in started:
            await worker.start()
        yield started
    finally:
        for worker in started:
            await worker.kill()
