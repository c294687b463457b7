"""One run of a worker process: started, ready, ended."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence

from integrations.local.processes.child import Child, LineReader
from integrations.local.processes.readiness import VARIABLE, ReadyPipe

WorkerCommand = Callable[[int], Sequence[str]]


class Worker:
    def __init__(self, child: Child, pipe: ReadyPipe) -> None:
        self._child = child
        self._pipe = pipe
        self._started_at = asyncio.get_running_loop().time()

    @classmethod
    async def start(cls, argv: Sequence[str], environment: Mapping[str, str], on_line: LineReader) -> "Worker":
        pipe = ReadyPipe()
        try:
            env = {**os.environ, **environment, VARIABLE: str(pipe.write_fd)}
            child = await Child.start(argv, on_line, env=env, pass_fds=(pipe.write_fd,))
        except BaseException:
            pipe.close()
            raise
        finally:
            pipe.started()
        return cls(child, pipe)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        return self._child.exit_code

    @property
    def is_ready(self) -> bool:
        """Whether it ever said so."""
        return self._pipe.ready.is_set()

    @property
    def lived_seconds(self) -> float:
        return asyncio.get_running_loop().time() - self._started_at

    async def becomes_ready(self, within_seconds: float) -> bool:
        """False when it ended or stayed silent."""
        ready = asyncio.ensure_future(self._pipe.ready.wait())
        ended = asyncio.ensure_future(self._child.wait())
        await asyncio.wait((ready, ended), timeout=within_seconds, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        ended.cancel()
        return self.is_ready and self._child.exit_code is None

    async def wait(self) -> int:
        code = await self._child.wait()
        self._pipe.close()
        return code

    async def stop(self, drain_seconds: float) -> bool:
        """True when it ended by itself within the time for its drain."""
        by_itself = await self._child.stop(drain_seconds)
        self._pipe.close()
        return by_itself

    def kill(self) -> None:
        self._child.kill()
