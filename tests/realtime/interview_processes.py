"""Processes that serve interviews in processes of their own: a test can kill them and start them again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.realtime.official_clients import ROOT
from tests.servers import free_port


class InterviewWorker:
    """Keeps its port from one life to the next; each life has a name of its own."""

    def __init__(self, name: str, redis_url: str, mongodb_uri: str, database: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/socket.io/"
        self._name = name
        self._stores = (redis_url, mongodb_uri, database)
        self._lives = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None

    @property
    def cpu_seconds(self) -> float:
        """What it has used since its start; other work on the machine does not count. Linux only."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def start(self) -> None:
        self._lives += 1
        arguments = (f"{self._name}-{self._lives}", str(self.port), *self._stores)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.realtime.interview_app", *arguments), cwd=ROOT, stdout=subprocess.PIPE
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
async def interview_workers(
    redis_url: str, mongodb_uri: str, database: str, count: int = 2
) -> AsyncIterator[list[InterviewWorker]]:
    workers = [InterviewWorker(f"w{number}", redis_url, mongodb_uri, database) for number in range(count)]
    try:
        await asyncio.gather(*(worker.start() for worker in workers))
        yield workers
    finally:
        for worker in workers:
            await worker.kill()
