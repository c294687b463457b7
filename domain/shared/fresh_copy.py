"""Expiry of a copy of stored values in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

_FRESH_SECONDS: Final = 20.0
"""Bounds how long a change may stay unknown while the event stream is down."""


class FreshCopy:
    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        """`read` replaces the copy."""
        self._read = read
        self._fresh_until = 0.0
        self._expirations = 0
        self._reading = asyncio.Lock()

    async def ensure(self) -> None:
        """Reads the copy unless it is fresh. Raises what `read` raises."""
        if self._is_fresh:
            return
        async with self._reading:
            while not self._is_fresh:
                expirations = self._expirations
                await self._read()
                if expirations == self._expirations:  # else it may have been read before the change
                    self._fresh_until = asyncio.get_running_loop().time() + _FRESH_SECONDS

    def expire(self) -> None:
        """The stored values have changed, or may have."""
        self._expirations += 1
        self._fresh_until = 0.0

    @property
    def _is_fresh(self) -> bool:
        return self._fresh_until > asyncio.get_running_loop().time()
