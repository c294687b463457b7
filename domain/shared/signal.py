"""A wake-up signal for background work: any number of waiters, and none misses what was set while it worked."""

import asyncio


class Signal:
    """Counts how often it was set. A waiter compares counts, so nothing is cleared and no race is about clearing."""

    def __init__(self) -> None:
        self.count = 0
        self._waiters: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def set_within(self, seconds: float) -> None:
        """Sets it after this time at the latest. Calls until then add nothing, so that they share one wake-up."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        if self._timer is not None and self._timer.when() <= due:
            return
        self._cancel_timer()
        self._timer = loop.call_at(due, self.set)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def set(self) -> None:
        self._cancel_timer()
        self.count += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def newer_than(self, count: int) -> None:
        """Returns once `self.count` is above `count`: at once if it is already."""
        while self.count <= count:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)
