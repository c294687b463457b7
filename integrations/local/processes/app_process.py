"""One run of an app process: started, given its settings, prepared, told to serve, ready, ended."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence

from integrations.local.processes.child import Child, LineHandler
from integrations.local.processes.readiness import READY_FD_VARIABLE, ReadyPipe
from integrations.local.processes.start_input import SERVE, settings_line

ProcessCommand = Callable[[int], Sequence[str]]


class AppProcess:
    def __init__(self, child: Child, pipe: ReadyPipe) -> None:
        self._child = child
        self._pipe = pipe
        self._started_at = asyncio.get_running_loop().time()
        self._configured = False

    @classmethod
    async def start(cls, argv: Sequence[str], environment: Mapping[str, str], on_line: LineHandler) -> "AppProcess":
        pipe = ReadyPipe()
        try:
            env = {**os.environ, **environment, READY_FD_VARIABLE: str(pipe.write_fd)}
            child = await Child.start(argv, on_line, env=env, open_stdin=True, pass_fds=(pipe.write_fd,))
        except BaseException:
            pipe.close()
            raise
        finally:
            pipe.close_write_end()
        return cls(child, pipe)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        return self._child.exit_code

    @property
    def is_ready(self) -> bool:
        """True from the moment the process announced that it serves, also after it ended."""
        return self._pipe.ready.is_set()

    @property
    def uptime_seconds(self) -> float:
        return asyncio.get_running_loop().time() - self._started_at

    @property
    def created_first_account(self) -> bool:
        return self._pipe.created

    def configure(self, settings: Mapping[str, str]) -> None:
        """Gives the process its settings. The first ones count."""
        if not self._configured:
            self._configured = True
            self._child.write(settings_line(settings))

    def serve(self) -> None:
        self._child.write(SERVE, end=True)

    async def wait_until_prepared(self) -> bool:
        """False when the process ended before it had prepared the database."""
        await self._reached(self._pipe.prepared)
        return self._pipe.prepared.is_set()

    async def wait_until_ready(self, within_seconds: float) -> bool:
        """False when the process ended, or did not announce that it serves within the time."""
        await self._reached(self._pipe.ready, within_seconds)
        return self.is_ready and self._child.exit_code is None

    async def _reached(self, step: asyncio.Event, within_seconds: float | None = None) -> None:
        """Returns when the step is announced, the process has ended, or the time is over."""
        reached, ended = asyncio.ensure_future(step.wait()), asyncio.ensure_future(self._child.wait())
        await asyncio.wait((reached, ended), timeout=within_seconds, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        ended.cancel()

    async def wait(self) -> int:
        code = await self._child.wait()
        self._pipe.close()
        return code

    async def stop(self, drain_seconds: float) -> bool:
        """True when the process ended within the time for its drain; otherwise it was killed."""
        in_time = await self._child.stop(drain_seconds)
        self._pipe.close()
        return in_time

    def kill(self) -> None:
        self._child.kill()
