"""Interview processes as operating-system processes, which a test can kill and start again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.realtime.spawned_realtime_processes import ROOT
from tests.servers import free_port


class SpawnedInterviewProcess:
    """Keeps its port across restarts; each start has a new process name."""

    def __init__(self, name: str, redis_url: str, mongodb_uri: str, database: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/socket.io/"
        self._name = name
        self._stores = (redis_url, mongodb_uri, database)
        self._starts = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None

    @property
    def cpu_seconds(self) -> float:
        """CPU time since its start; other work on the machine does not count. Linux only."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def start(self) -> None:
        self._starts += 1
        arguments = (f"{self._name}-{self._starts}", str(self.port), *self._stores)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.realtime.interview_process_main", *arguments),
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            assert await self._process.stdout.readline() == b"ready\n"

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


@asynccontextmanager
async def spawned_interview_processes(
    redis_url: str, mongodb_uri: str, database: str, count: int = 2
) -> AsyncIterator[list[SpawnedInterviewProcess]]:
    processes = [SpawnedInterviewProcess(f"w{number}", redis_url, mongodb_uri, database) for number in range(count)]
    try:
        await asyncio.gather(*(process.start() for process in processes))
        yield processes
    finally:
        for process in processes:
            await process.kill()
