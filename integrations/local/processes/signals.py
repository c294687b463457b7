"""Translates SIGTERM and Ctrl-C into an orderly shutdown, and SIGHUP into a request to reload."""

import asyncio
import signal
from types import TracebackType


class StopSignals:
    """Handles the signals of the process while entered: `await stop.wait()`, then close everything and leave.

    A second Ctrl-C or SIGTERM sets `force`: a drain that is under way may be cut short.
    """

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self.force = asyncio.Event()
        self.reload = asyncio.Event()

    def __enter__(self) -> "StopSignals":
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)
        self._loop.add_signal_handler(signal.SIGHUP, self.reload.set)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._loop.remove_signal_handler(number)

    def stop(self) -> None:
        if self._stop.is_set():
            self.force.set()
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    async def wait(self) -> None:
        await self._stop.wait()
