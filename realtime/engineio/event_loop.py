"""An event loop that stays responsive when thousands of sockets become ready at the same moment."""

import asyncio
import gc
import selectors
from collections import deque

_EventList = list[tuple[selectors.SelectorKey, int]]


class FairSelector(selectors.DefaultSelector):
    """Returns at most `per_iteration` ready sockets to each iteration of the loop.

    asyncio handles everything that one `select` returns before it looks at timers again, so 10,000 clients that
    disconnect together would block the loop for a quarter of a second. The rest is returned in the following
    iterations, before the kernel is asked again. A socket that was closed or changed in between is skipped; one that
    is no longer ready costs a read that would block, which asyncio expects.
    """

    def __init__(self, per_iteration: int = 64) -> None:
        super().__init__()
        self._per_iteration = per_iteration
        self._remaining: deque[tuple[selectors.SelectorKey, int]] = deque()

    def select(self, timeout: float | None = None) -> _EventList:
        if self._remaining:
            return self._next_batch()
        ready = super().select(timeout)
        if len(ready) <= self._per_iteration:
            return ready
        self._remaining.extend(ready[self._per_iteration :])
        return ready[: self._per_iteration]

    def _next_batch(self) -> _EventList:
        registered = self.get_map()
        batch: _EventList = []
        while self._remaining and len(batch) < self._per_iteration:
            key, events = self._remaining.popleft()
            current = registered.get(key.fd)
            if current is not None and current.fileobj is key.fileobj and events & current.events:
                batch.append((current, events & current.events))
        return batch


def new_event_loop() -> asyncio.SelectorEventLoop:
    """For `asyncio.Runner(loop_factory=new_event_loop)`."""
    return asyncio.SelectorEventLoop(FairSelector())


def tune_garbage_collector() -> None:
    """Makes full collections rare. For an app process, once everything is imported and built.

    A full collection walks through every object: with 10,000 connections it blocked the loop for 150 ms, again and
    again while they connected. Objects that exist now are exempted, and full collections run a hundred times less
    often. Connections hardly need them: this package leaves no reference cycles behind, only asyncio's transports do.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 5, 400)
