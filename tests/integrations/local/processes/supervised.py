"""A supervisor in its own process, as run.py runs it, and its output."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.waiting import eventually

ROOT = Path(__file__).parents[4]

SUPERVISOR = """
import asyncio, logging, sys
from integrations.local.processes.supervisor import Supervisor, SupervisorTimeouts

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s", force=True)
timeouts = SupervisorTimeouts(
    ready_seconds=5, drain_seconds=float(sys.argv[3]), first_restart_seconds=0.05, stable_seconds=60
)
command = lambda index: [sys.executable, sys.argv[1], str(index)]
sys.exit(asyncio.run(Supervisor(command, int(sys.argv[2]), logging.getLogger(), timeouts=timeouts).run()))
"""


class Supervised:
    """The supervisor process and the lines that it printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._position = 0

    async def until_printed(self, text: str) -> str:
        """Wait for the next line that contains `text` and return it. Lines before it are skipped."""
        while True:
            for line in self.lines[self._position :]:
                self._position += 1
                if text in line:
                    return line
            await self._read()

    async def next_serving_pid(self) -> int:
        """The process id of the next app process that serves."""
        return int(json.loads(await self.until_printed('"serving"'))["serving"])

    async def finished(self) -> int:
        assert self.process.stdout is not None
        self.lines += (await self.process.stdout.read()).decode().splitlines()
        return await self.process.wait()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def _read(self) -> None:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, "the supervisor ended; it printed:\n" + "\n".join(self.lines)
        self.lines.append(line.decode().rstrip())


@asynccontextmanager
async def supervised(
    tmp_path: Path, program: str, count: int = 1, drain_seconds: float = 5
) -> AsyncIterator[Supervised]:
    script = tmp_path / "app_process.py"
    script.write_text(program)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SUPERVISOR, str(script), str(count), str(drain_seconds)),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(30):
            yield Supervised(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until_gone(pid: int) -> None:
    """Polls, because the kernel reports the end of a process only to its parent."""
    await eventually(lambda: not is_alive(pid), 10)
