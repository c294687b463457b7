"""A worker of the product as a process that can be killed, at a pace that a test can choose.

`python -m tests.journeys.chaos.worker`: pace and settings come as a line of JSON each; it ends when its standard input
does.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from domain.contracts.signing.polling_schedule import PollingSchedule
from integrations.settings import Settings
from realtime.engineio.event_loop import new_event_loop
from tests.contracting import serving

ROOT = Path(__file__).resolve().parents[3]


class WorkerProcess:
    """Keeps its address from one life to the next."""

    def __init__(self, settings: Settings, output: Path, pace: PollingSchedule) -> None:
        self.url = f"http://127.0.0.1:{settings.http.port}"
        self.lives = 0
        self._settings = settings
        self._pace = pace
        self._output = output
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        self.lives += 1
        with self._output.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.journeys.chaos.worker"),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(self._pace.model_dump_json().encode() + b"\n" + _line(self._settings))
        async with asyncio.timeout(60):
            assert await self._process.stdout.readline() == b"ready\n", self._output.read_text()[-4000:]

    async def killed_and_replaced(self) -> None:
        """kill -9, and a new process at the same address."""
        async with self._turn:
            assert self._process is not None
            self._process.kill()
            await self._process.wait()
            await self.start()

    async def stop(self) -> None:
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            async with asyncio.timeout(15):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _line(settings: Settings) -> bytes:
    def plain(value: Any) -> Any:
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    values = {name: plain(value) for name, value in settings}
    return json.dumps({name: value for name, value in values.items() if value is not None}).encode() + b"\n"


async def main() -> None:
    pace = PollingSchedule.model_validate_json(await asyncio.to_thread(sys.stdin.readline))
    settings = Settings.model_validate_json(await asyncio.to_thread(sys.stdin.readline))
    async with serving(settings, pace):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
