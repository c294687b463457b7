"""One run at a time for each key; whoever asks during a run gets one that begins after they asked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("error.contracts")


class Turns:
    """Asking a hundred times while a run is on leads to one more run, not to a hundred."""

    def __init__(self, work: Callable[[str], Awaitable[None]], at_once: int) -> None:
        self._work = work
        self._slots = asyncio.Semaphore(at_once)
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def ask(self, key: str) -> "asyncio.Future[None]":
        """Done, or failed as the run did, when a run that began after this call is over."""
        due = self._waiting.get(key)
        if due is None:
            due = self._waiting[key] = asyncio.get_running_loop().create_future()
            due.add_done_callback(_retrieved)
            if key not in self._tasks:
                self._tasks[key] = asyncio.create_task(self._run(key))
        return due

    def is_on(self, key: str) -> bool:
        """Somebody asked for it, and that is not over."""
        return key in self._tasks

    async def stop(self) -> None:
        """What has not begun is left; what runs is cancelled. The store knows what is still to do."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: str) -> None:
        try:
            while key in self._waiting:
                async with self._slots:
                    due = self._waiting.pop(key)
                    try:
                        await self._work(key)
                    except asyncio.CancelledError:
                        due.cancel()
                        raise
                    except Exception as error:
                        log.warning("contracts.turn_failed", extra={"error": type(error).__name__})
                        if not due.done():
                            due.set_exception(error)
                    else:
                        if not due.done():
                            due.set_result(None)
        finally:
            del self._tasks[key]
            if (left := self._waiting.pop(key, None)) is not None:
                left.cancel()


def _retrieved(due: "asyncio.Future[None]") -> None:
    # Nobody has to wait for a run; a failure that nobody looks at was logged already.
    if not due.cancelled():
        due.exception()
