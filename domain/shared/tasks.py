"""Tasks that end when they are told to: a check for loops, a set of tasks, and failures that no caller awaits."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("error.background")


def stop_if_cancelled() -> None:
    """For loops that run until cancelled, after each step. Raises CancelledError.

    A driver that has its answer in the very moment of the cancellation may return it and swallow the cancellation
    (redis-py does, measured one time in six); the loop would then run on, and whatever awaits its end with it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def mark_retrieved(done: "asyncio.Future[Any]") -> None:
    """A callback for results that callers need not await, or whose callers may have gone: otherwise asyncio reports a
    failure as never retrieved."""
    if not done.cancelled():
        done.exception()


class TaskSet:
    """Tasks that nothing awaits while they run: kept alive here, their failures logged, all ended by `close`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self, grace_seconds: float = 0.0) -> None:
        """Waits `grace_seconds` for the tasks to end, cancels the rest, and waits for that, too."""
        if self._tasks and grace_seconds:
            await asyncio.wait(set(self._tasks), timeout=grace_seconds)
        late = set(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task.failed", exc_info=error)
