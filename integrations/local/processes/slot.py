"""One place in the row of workers: always filled, by one process after another."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from integrations.local.processes.backoff import Backoff
from integrations.local.processes.worker import Worker

# A worker ends with this code when a restart cannot help (EX_CONFIG of sysexits.h).
CANNOT_HELP = 78


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits for what."""

    ready_seconds: float = 30.0
    drain_seconds: float = 15.0
    first_restart_seconds: float = 0.5
    longest_restart_seconds: float = 30.0
    stable_seconds: float = 30.0

    def backoff(self) -> Backoff:
        return Backoff(self.first_restart_seconds, self.longest_restart_seconds, self.stable_seconds)


@dataclass
class WorkerSlot:
    index: int
    launch: Callable[[int], Coroutine[None, None, Worker]]
    patience: Patience
    logger: logging.Logger
    current: Worker | None = field(default=None, init=False)
    _has_served: bool = field(default=False, init=False)
    _alive: set[Worker] = field(default_factory=set, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def keep_running(self) -> int:
        """Returns 0 after `stop`, or the code of a worker that no restart can help."""
        backoff = self.patience.backoff()
        while not self._stopping.is_set():
            worker = self.current
            try:
                worker = self.current = worker or await self._start()
                code = await self._ended(worker)
            except OSError as error:
                self.logger.error("worker %d cannot start: %s", self.index, error)
                code = CANNOT_HELP
            if self._stopping.is_set():
                return 0
            if code == CANNOT_HELP and not self._has_served:
                return code
            if worker is self.current:  # otherwise a rolling restart put another in its place
                self.current = None
                delay = backoff.after(worker.lived_seconds if worker else 0.0)
                self.logger.error("worker %d ended with code %s; restart in %.1f s", self.index, code, delay)
                await self._pause(delay)
        return 0

    async def replace(self) -> bool:
        """Start the next process, wait until it is ready, then drain the one before. False when the next is no good:
        the one before stays."""
        if self.current is None:
            return True  # it died just now; what is started in its place is new anyway
        successor = await self._start()
        if not await successor.becomes_ready(self.patience.ready_seconds) or self._stopping.is_set():
            await self._drain(successor)
            return False
        predecessor, self.current = self.current, successor
        if predecessor is not None:
            await self._drain(predecessor)
        return True

    async def stop(self) -> bool:
        """Drain whatever runs here. True when nothing had to be killed."""
        self._stopping.set()
        return all(await asyncio.gather(*(self._drain(worker) for worker in self._alive)))

    def kill(self) -> None:
        for worker in self._alive:
            worker.kill()

    async def _start(self) -> Worker:
        worker = await self.launch(self.index)
        self._alive.add(worker)
        if self._stopping.is_set():
            await self._drain(worker)
        return worker

    async def _ended(self, worker: Worker) -> int:
        if worker.is_ready or await worker.becomes_ready(self.patience.ready_seconds):
            self._has_served = True
            self.logger.info("worker %d is ready (pid %d)", self.index, worker.pid)
        elif (
            worker.exit_code is None
        ):  # it may be waiting for a database; what died is restarted, what waits is left alone
            self.logger.warning("worker %d (pid %d) is not ready yet", self.index, worker.pid)
        code = await worker.wait()
        self._alive.discard(worker)
        return code

    async def _drain(self, worker: Worker) -> bool:
        by_itself = await worker.stop(self.patience.drain_seconds)
        self._alive.discard(worker)
        if not by_itself:
            self.logger.error("worker %d (pid %d) did not drain in time and was killed", self.index, worker.pid)
        return by_itself

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
