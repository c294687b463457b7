"""One slot of the supervisor: runs one app process after another, so that the slot is always filled."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from integrations.local.processes.app_process import AppProcess
from integrations.local.processes.backoff import Backoff

# Exit code of an app process that a restart cannot help (sysexits.h).
EX_CONFIG = 78


@dataclass(frozen=True)
class SupervisorTimeouts:
    ready_seconds: float = 30.0
    drain_seconds: float = 15.0
    first_restart_seconds: float = 0.5
    longest_restart_seconds: float = 30.0
    stable_seconds: float = 30.0

    def backoff(self) -> Backoff:
        return Backoff(self.first_restart_seconds, self.longest_restart_seconds, self.stable_seconds)


@dataclass
class ProcessSlot:
    index: int
    start_process: Callable[[int], Coroutine[None, None, AppProcess]]
    timeouts: SupervisorTimeouts
    logger: logging.Logger
    on_ready: Callable[[int], None]
    current: AppProcess | None = field(default=None, init=False)
    _has_served: bool = field(default=False, init=False)
    _running: set[AppProcess] = field(default_factory=set, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def keep_running(self) -> int:
        """Returns 0 after `stop`, or EX_CONFIG when no process of this slot ever served and one ended with it."""
        backoff = self.timeouts.backoff()
        while not self._stopping.is_set():
            process = self.current
            try:
                process = self.current = process or await self._start()
                code = await self._until_ended(process)
            except OSError as error:
                self.logger.error("app process %d cannot start: %s", self.index, error)
                code = EX_CONFIG
            if self._stopping.is_set():
                return 0
            if code == EX_CONFIG and not self._has_served:
                return code
            if process is self.current:  # otherwise a rolling restart has replaced it
                self.current = None
                delay = backoff.delay_after(process.uptime_seconds if process else 0.0)
                self.logger.error("app process %d ended with code %s; restart in %.1f s", self.index, code, delay)
                await self._pause(delay)
        return 0

    async def replace(self) -> bool:
        """Start a successor, wait until it is ready, then drain the current process.

        Returns False, and keeps the current process, when the successor does not become ready.
        """
        if self.current is None:
            return True  # the process has just ended; the one that is started next is new anyway
        successor = await self._start()
        if not await successor.wait_until_ready(self.timeouts.ready_seconds) or self._stopping.is_set():
            await self._drain(successor)
            return False
        predecessor, self.current = self.current, successor
        if predecessor is not None:
            await self._drain(predecessor)
        return True

    async def stop(self) -> bool:
        """Drain every process of this slot. True when none had to be killed."""
        self._stopping.set()
        return all(await asyncio.gather(*(self._drain(process) for process in self._running)))

    def kill(self) -> None:
        for process in self._running:
            process.kill()

    async def _start(self) -> AppProcess:
        process = await self.start_process(self.index)
        self._running.add(process)
        if self._stopping.is_set():
            await self._drain(process)
        return process

    async def _until_ended(self, process: AppProcess) -> int:
        if process.is_ready or await process.wait_until_ready(self.timeouts.ready_seconds):
            self._has_served = True
            self.on_ready(self.index)
            self.logger.info("app process %d is ready (pid %d)", self.index, process.pid)
        elif process.exit_code is None:  # it may be waiting for a database: only processes that end are restarted
            self.logger.warning("app process %d (pid %d) is not ready yet", self.index, process.pid)
        code = await process.wait()
        self._running.discard(process)
        return code

    async def _drain(self, process: AppProcess) -> bool:
        in_time = await process.stop(self.timeouts.drain_seconds)
        self._running.discard(process)
        if not in_time:
            self.logger.error("app process %d (pid %d) did not drain in time and was killed", self.index, process.pid)
        return in_time

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
