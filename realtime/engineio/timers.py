"""Timers of one fixed length: one queue and one loop timer for any number of sockets."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadlines(Generic[T]):
    """Calls `expired(item, token)` `seconds` after `add(item, token)`, in the order of `add`.

    Deadlines are never cancelled: `expired` compares the token and ignores one that is out of date. So `add` is O(1)
    and no deadline has to be removed. At most `per_iteration` calls are made in one iteration of the loop, so that
    10,000 deadlines that expire together do not block it.
    """

    def __init__(self, seconds: float, expired: Callable[[T, int], None], per_iteration: int) -> None:
        self._seconds = seconds
        self._expired = expired
        self._per_iteration = per_iteration
        self._queue: deque[tuple[float, T, int]] = deque()
        self._handle: asyncio.Handle | None = None

    def add(self, item: T, token: int = 0) -> None:
        loop = asyncio.get_running_loop()
        when = loop.time() + self._seconds
        self._queue.append((when, item, token))
        if self._handle is None:
            self._handle = loop.call_at(when, self._run)

    def stop(self) -> None:
        self._queue.clear()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _run(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        try:
            for _ in range(self._per_iteration):
                if not self._queue or self._queue[0][0] > now:
                    break
                _, item, token = self._queue.popleft()
                self._expired(item, token)  # may add a deadline, which is due after all that are queued here
        finally:  # one callback that fails must not stop the others
            self._handle = None
            if self._queue:
                when = self._queue[0][0]
                self._handle = loop.call_at(when, self._run) if when > now else loop.call_soon(self._run)
