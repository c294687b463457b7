"""Single flight: at most one run at a time. Requests share the next run of their key, or a result that is recent."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from domain.shared.tasks import mark_retrieved

log = logging.getLogger("error.contracts")

T = TypeVar("T")


class SingleFlight:
    """A hundred requests for a key during its run lead to one more run, not to a hundred."""

    def __init__(self, work: Callable[[str], Awaitable[None]], max_concurrent: int) -> None:
        """At most `max_concurrent` keys run at the same time."""
        self._work = work
        self._slots = asyncio.Semaphore(max_concurrent)
        self._requested: dict[str, asyncio.Future[None]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def request(self, key: str) -> "asyncio.Future[None]":
        """Completes, or fails, with a run of `key` that starts after this call. Need not be awaited."""
        done = self._requested.get(key)
        if done is None:
            done = self._requested[key] = asyncio.get_running_loop().create_future()
            done.add_done_callback(mark_retrieved)
            if key not in self._tasks:
                self._tasks[key] = asyncio.create_task(self._run(key))
        return done

    def is_running(self, key: str) -> bool:
        """True if a run of `key` is requested or in progress."""
        return key in self._tasks

    async def stop(self) -> None:
        """Cancels runs in progress and drops requested ones; the store knows what is still to do."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: str) -> None:
        try:
            while key in self._requested:
                async with self._slots:
                    done = self._requested.pop(key)
                    try:
                        await self._work(key)
                    except asyncio.CancelledError:
                        done.cancel()
                        raise
                    except Exception as error:
                        log.warning("contracts.turn_failed", extra={"error": type(error).__name__})
                        if not done.done():
                            done.set_exception(error)
                    else:
                        if not done.done():
                            done.set_result(None)
        finally:
            del self._tasks[key]
            if (dropped := self._requested.pop(key, None)) is not None:
                dropped.cancel()


class RecentResult(Generic[T]):
    """Runs `work` at most once in `seconds`, however many callers ask; they share its result or its failure."""

    def __init__(self, work: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._last: asyncio.Future[T] | None = None
        self._started_at = 0.0

    async def get(self) -> T:
        """The result of a run that is in progress or began within the last `seconds`; else of a new one."""
        now = asyncio.get_running_loop().time()
        if self._last is None or (self._last.done() and now - self._started_at >= self._seconds):
            self._last, self._started_at = asyncio.ensure_future(self._work()), now
            self._last.add_done_callback(mark_retrieved)
        return await asyncio.shield(self._last)  # a caller that is cancelled does not end it for the others
