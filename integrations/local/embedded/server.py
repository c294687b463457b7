"""The life of one embedded server: started, checked, restarted when it ends or only fails, stopped."""

import asyncio
import contextlib
import logging
from collections import deque

from integrations.disk_space import DataDisk
from integrations.local.embedded.errors import EmbeddedServerFailed, StartFailed
from integrations.local.embedded.program import Condition, ServerProgram
from integrations.local.ports import free_port
from integrations.local.processes.backoff import Backoff
from integrations.local.processes.child import Child, Stream
from integrations.local.processes.child_output import child_output

# Long enough to replay a long log after a crash.
START_SECONDS = 30.0
# A server that ends at once may have met a lock that its predecessor is about to free, or a port that was just taken.
RETRY_FOR_SECONDS = 6.0
GRACE_SECONDS = 10.0
POLL_SECONDS = 0.02
WAKE_AFTER_SECONDS = 0.05
RETRY_SECONDS = 0.3
OUTPUT_LINES_KEPT = 5
CHECK_EVERY_SECONDS = 1.0
FAILED_CHECKS = 2
"""A server that has failed so many checks in a row is restarted."""
LONGEST_DELAY_SECONDS = 10.0
ROOM_POLL_SECONDS = 0.2


class EmbeddedServer:
    """The port is chosen once and kept, so that every connection pool finds the server again."""

    def __init__(
        self,
        program: ServerProgram,
        lock_descriptor: int,
        disk: DataDisk,
        logger: logging.Logger,
        retry_for_seconds: float = RETRY_FOR_SECONDS,
    ) -> None:
        self._program = program
        self._disk = disk
        self._lock_descriptor = lock_descriptor
        self._logger = logger
        self._retry_for_seconds = retry_for_seconds
        self._name = program.alternative.name
        self._log_output = child_output(self._name, disk.directory)
        self._output: deque[str] = deque(maxlen=OUTPUT_LINES_KEPT)
        self._child: Child | None = None
        self._restart_task: asyncio.Task[None] | None = None
        self.port = free_port()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.exit_code is None else None

    async def start(self) -> None:
        """Returns when the server responds; from then on it is restarted when it ends or only fails.

        Raises EmbeddedServerFailed.
        """
        began_at = asyncio.get_running_loop().time()
        while not await self._first_start():
            if asyncio.get_running_loop().time() > began_at + self._retry_for_seconds:
                await self.stop()
                raise StartFailed(self._program.alternative, " / ".join(self._output) or "timed out")
            await asyncio.sleep(RETRY_SECONDS)
            self.port = free_port()
        self._restart_task = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        if self._restart_task is not None:
            self._restart_task.cancel()
            await asyncio.wait((self._restart_task,))
            self._restart_task = None
        await self._program.close()
        if self._child is not None:
            in_time, _ = await asyncio.gather(self._child.stop(GRACE_SECONDS), self._wake_accept_loop())
            if not in_time:
                self._logger.error("embedded %s did not stop in time and was killed", self._name)
            self._child = None

    async def _wake_accept_loop(self) -> None:
        """Connects once: a server that blocks in accept() notices SIGTERM at the next connection, else after 2 s."""
        await asyncio.sleep(WAKE_AFTER_SECONDS)
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()

    async def _first_start(self) -> bool:
        try:
            return await self._start_and_check()
        except OSError as error:
            raise StartFailed(self._program.alternative, str(error)) from error

    async def _start_and_check(self) -> bool:
        """False when the process ended, or START_SECONDS passed, before it responded."""
        if self._disk.is_full():
            self._disk.release_reserve()  # even a server that only reads needs some space to start
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        command = self._program.command(self.port)
        self._child = child = await Child.start(
            command.argv, self._on_output, cwd=command.directory, stdin=command.stdin, pass_fds=(self._lock_descriptor,)
        )
        while child.exit_code is None:
            if await self._program.responds(self.port):
                return True
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        await child.wait()
        return False

    async def _keep_running(self) -> None:
        backoff = Backoff(first_seconds=0.1, longest_seconds=LONGEST_DELAY_SECONDS)
        clock = asyncio.get_running_loop().time
        started_at = clock()
        while self._child is not None:
            code = await self._until_ended(self._child)
            delay = backoff.delay_after(clock() - started_at)
            self._logger.error("embedded %s ended with code %s; restart in %.1f s", self._name, code, delay)
            await self._pause(delay)
            started_at = clock()
            try:
                if await self._start_and_check():
                    self._logger.warning("embedded %s responds again", self._name)
                elif self._child.exit_code is None:
                    await self._child.stop(GRACE_SECONDS)  # it runs but does not respond: its successor may
            except (OSError, EmbeddedServerFailed) as error:
                self._logger.error("embedded %s cannot be started: %s", self._name, error)

    async def _until_ended(self, child: Child) -> int:
        """The exit code. Kills a process that answers errors only."""
        ended, failed = asyncio.ensure_future(child.wait()), 0
        checking = asyncio.ensure_future(self._condition(after_seconds=0))
        try:
            while not ended.done():
                await asyncio.wait((ended, checking), return_when=asyncio.FIRST_COMPLETED)
                if checking.done():
                    failed = failed + 1 if checking.result() == "fails" else 0
                    if failed == FAILED_CHECKS:
                        self._logger.error("embedded %s answers errors only and is restarted", self._name)
                        child.kill()
                    checking = asyncio.ensure_future(self._condition(CHECK_EVERY_SECONDS))
            return ended.result()
        finally:
            for task in (ended, checking):
                task.cancel()
            await asyncio.wait((ended, checking))

    async def _condition(self, after_seconds: float) -> Condition:
        await asyncio.sleep(after_seconds)
        try:
            return await self._program.check(self.port, self._disk.is_full())
        except Exception:  # a bug of a check must not end the supervision
            self._logger.exception("embedded %s cannot be checked", self._name)
            return "silent"

    async def _pause(self, seconds: float) -> None:
        """Cut short when a full disk has room again."""
        full, polls = self._disk.is_full(), int(seconds / ROOM_POLL_SECONDS)
        for _ in range(polls):
            await asyncio.sleep(ROOM_POLL_SECONDS)
            if full and not self._disk.is_full():
                return
        await asyncio.sleep(seconds - polls * ROOM_POLL_SECONDS)

    def _on_output(self, stream: Stream, line: bytes) -> None:
        text = line.decode(errors="replace").strip()
        if text:
            self._output.append(text)
            self._log_output(stream, line)
