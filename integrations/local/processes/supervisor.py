"""Keeps N app processes running: restarts those that end, replaces them one by one on SIGHUP, drains all on SIGTERM."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.local.processes.app_process import AppProcess, ProcessCommand
from integrations.local.processes.child import Stream
from integrations.local.processes.output_lines import with_process_label
from integrations.local.processes.process_slot import EX_CONFIG, ProcessSlot, SupervisorTimeouts
from integrations.local.processes.signals import StopSignals

__all__ = ["EX_CONFIG", "OutputSink", "Supervisor", "SupervisorTimeouts", "forward_output"]

OutputSink = Callable[[Stream, bytes], None]
INDEX_VARIABLE = "WORKER_INDEX"


def forward_output(stream: Stream, line: bytes) -> None:
    """Print a line of a child process as a line of this process. The output sink of production."""
    target = sys.stdout.buffer if stream == "stdout" else sys.stderr.buffer
    with contextlib.suppress(OSError, ValueError):  # when the reader of our output has ended, app processes go on
        target.write(line + b"\n")
        target.flush()


@dataclass
class Supervisor:
    """`command(i)` starts app process i, which finds its number in WORKER_INDEX and calls `announce_ready`.

    `environment` is there when a process starts; the settings of `run` come through its standard input.
    """

    command: ProcessCommand
    count: int
    logger: logging.Logger
    sink: OutputSink = forward_output
    environment: Mapping[str, str] | None = None
    timeouts: SupervisorTimeouts = field(default_factory=SupervisorTimeouts)
    _settings: Mapping[str, str] = field(default_factory=dict, init=False)
    _ahead: dict[int, AppProcess] = field(default_factory=dict, init=False)
    """Started before `run`, and not yet supervised."""

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("a supervisor needs at least one app process")

    async def start_ahead(self) -> Sequence[AppProcess]:
        """Starts the processes, which import their code and wait for their settings. `run` or `discard` must follow."""
        for index in range(self.count):
            self._ahead[index] = await self._start_process(index)
        return list(self._ahead.values())

    async def discard(self) -> None:
        """Ends the processes that `run` has not taken over."""
        processes = [self._ahead.popitem()[1] for _ in range(len(self._ahead))]
        await asyncio.gather(*(process.stop(self.timeouts.drain_seconds) for process in processes))

    async def run(self, settings: Mapping[str, str] | None = None, on_ready: Callable[[], None] | None = None) -> int:
        """Returns after SIGTERM or Ctrl-C: 0 when all drained, 1 when one had to be killed.

        `on_ready` is called once, when all have become ready. Returns EX_CONFIG, after the others drained, when an app
        process ends with this code before it was ready. A second signal kills at once.
        """
        self._settings = settings or {}
        not_ready = set(range(self.count))

        def count_ready(index: int) -> None:
            if index in not_ready:
                not_ready.remove(index)
                if not not_ready and on_ready:
                    on_ready()

        slots = [
            ProcessSlot(index, self._start, self.timeouts, self.logger, count_ready) for index in range(self.count)
        ]
        with StopSignals() as signals:
            slot_tasks = [asyncio.ensure_future(slot.keep_running()) for slot in slots]
            reloader = asyncio.ensure_future(self._reload(slots, signals))
            stopped = asyncio.ensure_future(signals.wait())
            try:
                await asyncio.wait((stopped, *slot_tasks), return_when=asyncio.FIRST_COMPLETED)
            finally:
                clean = await self._stop(slots, signals)
                codes = await asyncio.gather(*slot_tasks)
                for task in (reloader, stopped):
                    task.cancel()
                await asyncio.gather(reloader, stopped, return_exceptions=True)
        return max(codes) or (0 if clean else 1)

    async def _start(self, index: int) -> AppProcess:
        process = self._ahead.pop(index, None) or await self._start_process(index)
        process.configure(self._settings)
        process.serve()
        return process

    async def _start_process(self, index: int) -> AppProcess:
        environment = {**(self.environment or {}), INDEX_VARIABLE: str(index)}

        def forward(stream: Stream, line: bytes) -> None:
            self.sink(stream, with_process_label(index, line))

        return await AppProcess.start(self.command(index), environment, forward)

    async def _reload(self, slots: list[ProcessSlot], signals: StopSignals) -> None:
        """Replaces one process at a time, so that at most one slot has no process that serves."""
        while True:
            await signals.reload.wait()
            signals.reload.clear()
            self.logger.info("rolling restart of %d app processes", self.count)
            for slot in slots:
                if signals.stopping:
                    return
                if not await self._replaced(slot):
                    self.logger.error("rolling restart ended at app process %d; the running processes stay", slot.index)
                    break
            else:
                self.logger.info("rolling restart is done")

    async def _replaced(self, slot: ProcessSlot) -> bool:
        try:
            return await slot.replace()
        except OSError as error:
            self.logger.error("app process %d cannot be replaced: %s", slot.index, error)
            return False

    async def _stop(self, slots: list[ProcessSlot], signals: StopSignals) -> bool:
        self.logger.info("draining %d app processes", self.count)
        draining = asyncio.gather(*(slot.stop() for slot in slots))
        forced = asyncio.ensure_future(signals.force.wait())
        await asyncio.wait((draining, forced), return_when=asyncio.FIRST_COMPLETED)
        if not draining.done():
            for slot in slots:
                slot.kill()
        forced.cancel()
        return all(await draining)
