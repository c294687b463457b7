"""Timers that all run equally long: one queue and one loop timer for any number of sockets."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadlines(Generic[T]):
    """Calls `expired(item, token)` `seconds` after `add(item, token)`, in order of adding.

    Nothing is ever cancelled: `expired` compares the token and ignores what is out of date. That makes adding O(1) and
    leaving free. At most `per_turn` calls are made in one turn of the loop, so that 10,000 timers that fall due
    together do not hold everybody else up.
    """

    def __init__(self, seconds: float, expired: Callable[[T, int], None], per_turn: int) -> None:
        self._seconds = seconds
        self._expired = expired
        self._per_turn = per_turn
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
            for _ in range(self._per_turn):
                if not self._queue or self._queue[0][0] > now:
                    break
                _, item, token = self._queue.popleft()
                self._expired(item, token)  # may add another, which is due after those that wait here
        finally:  # one that fails must not silence the others
            self._handle = None
            if self._queue:
                when = self._queue[0][0]
                self._handle = loop.call_at(when, self._run) if when > now else loop.call_soon(self._run)
