"""Keeps N worker processes running: restarts the dead, replaces them one by one on SIGHUP, drains all on SIGTERM."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integrations.local.processes.child import Stream
from integrations.local.processes.lines import labelled
from integrations.local.processes.signals import StopSignals
from integrations.local.processes.slot import CANNOT_HELP, Patience, WorkerSlot
from integrations.local.processes.worker import Worker, WorkerCommand

__all__ = ["CANNOT_HELP", "LogSink", "Patience", "Supervisor", "write_through"]

LogSink = Callable[[Stream, bytes], None]
INDEX_VARIABLE = "WORKER_INDEX"


def write_through(stream: Stream, line: bytes) -> None:
    """The log sink of production: a worker's line becomes a line of ours."""
    target = sys.stdout.buffer if stream == "stdout" else sys.stderr.buffer
    with contextlib.suppress(OSError, ValueError):  # whoever read our output is gone; workers must not suffer
        target.write(line + b"\n")
        target.flush()


@dataclass
class Supervisor:
    """`command(i)` starts worker i; it finds its number in WORKER_INDEX and calls `announce_ready` once it serves."""

    command: WorkerCommand
    count: int
    logger: logging.Logger
    sink: LogSink = write_through
    environment: Mapping[str, str] | None = None
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("a supervisor needs at least one worker")

    async def run(self) -> int:
        """Returns after SIGTERM or Ctrl-C: 0 when all drained, 1 when one had to be killed; or CANNOT_HELP when a
        worker said so (exit code 78 before it was ready), after the others drained. A second signal kills at once."""
        slots = [WorkerSlot(index, self._launch, self.patience, self.logger) for index in range(self.count)]
        with StopSignals() as signals:
            keepers = [asyncio.ensure_future(slot.keep_running()) for slot in slots]
            reloader = asyncio.ensure_future(self._reload(slots, signals))
            stopped = asyncio.ensure_future(signals.wait())
            try:
                await asyncio.wait((stopped, *keepers), return_when=asyncio.FIRST_COMPLETED)
            finally:
                clean = await self._stop(slots, signals)
                codes = await asyncio.gather(*keepers)
                for task in (reloader, stopped):
                    task.cancel()
                await asyncio.gather(reloader, stopped, return_exceptions=True)
        return max(codes) or (0 if clean else 1)

    async def _launch(self, index: int) -> Worker:
        environment = {**(self.environment or {}), INDEX_VARIABLE: str(index)}

        def pass_on(stream: Stream, line: bytes) -> None:
            self.sink(stream, labelled(index, line))

        return await Worker.start(self.command(index), environment, pass_on)

    async def _reload(self, slots: list[WorkerSlot], signals: StopSignals) -> None:
        """One at a time, so that never more than one place has no worker that serves."""
        while True:
            await signals.reload.wait()
            signals.reload.clear()
            self.logger.info("rolling restart of %d workers", self.count)
            for slot in slots:
                if signals.stopping:
                    return
                if not await self._replaced(slot):
                    self.logger.error("rolling restart ended at worker %d; the running workers stay", slot.index)
                    break
            else:
                self.logger.info("rolling restart is done")

    async def _replaced(self, slot: WorkerSlot) -> bool:
        try:
            return await slot.replace()
        except OSError as error:
            self.logger.error("worker %d cannot be replaced: %s", slot.index, error)
            return False

    async def _stop(self, slots: list[WorkerSlot], signals: StopSignals) -> bool:
        self.logger.info("draining %d workers", self.count)
        draining = asyncio.gather(*(slot.stop() for slot in slots))
        hurry = asyncio.ensure_future(signals.hurry.wait())
        await asyncio.wait((draining, hurry), return_when=asyncio.FIRST_COMPLETED)
        if not draining.done():
            for slot in slots:
                slot.kill()
        hurry.cancel()
        return all(await draining)
