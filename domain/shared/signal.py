"""A wake-up signal for background work: any number of waiters, and none misses what was set while it worked."""

import asyncio


class Signal:
    """Counts how often it was set. A waiter compares counts, so nothing is cleared and no race is about clearing."""

    def __init__(self) -> None:
        self.count = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def set(self) -> None:
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
