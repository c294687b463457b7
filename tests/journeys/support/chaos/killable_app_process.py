"""An app process in its own operating-system process that tests can kill, with a polling schedule of the test.

`python -m tests.journeys.support.chaos.killable_app_process`: schedule and settings arrive as one line of JSON
each; the process ends with its standard input.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from domain.contracts.signing.polling_schedule import PollingSchedule
from integrations.settings import Settings
from realtime.engineio.event_loop import new_event_loop
from tests.contract_api import contract_api_of

ROOT = Path(__file__).resolve().parents[4]


class KillableAppProcess:
    """Keeps its address when it is restarted."""

    def __init__(self, settings: Settings, output: Path, schedule: PollingSchedule) -> None:
        self.url = f"http://127.0.0.1:{settings.http.port}"
        self.starts = 0
        self._settings = settings
        self._schedule = schedule
        self._output = output
        self._process: asyncio.subprocess.Process | None = None
        self._restart_lock = asyncio.Lock()

    async def start(self) -> None:
        self.starts += 1
        with self._output.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.journeys.support.chaos.killable_app_process"),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(self._schedule.model_dump_json().encode() + b"\n" + _line(self._settings))
        async with asyncio.timeout(60):
            assert await self._process.stdout.readline() == b"ready\n", self._output.read_text()[-4000:]

    async def kill_and_restart(self) -> None:
        """Kill the process and start another one at the same address."""
        async with self._restart_lock:
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
    return json.dumps(_plain(settings)).encode() + b"\n"


def _plain(value: Any) -> Any:
    """The settings as JSON values, secrets in clear and without None."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, BaseModel):
        return {name: _plain(field) for name, field in value if field is not None}
    return value


async def main() -> None:
    schedule = PollingSchedule.model_validate_json(await asyncio.to_thread(sys.stdin.readline))
    settings = Settings.model_validate_json(await asyncio.to_thread(sys.stdin.readline))
    async with contract_api_of(settings, schedule):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
