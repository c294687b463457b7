"""Concurrent saves of one entity: locks within a process, retries after a conflict with another process."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from domain.shared.errors import Conflict, DomainError

Result = TypeVar("Result")

MAX_ATTEMPTS = 16
_MAX_PAUSE_SECONDS = 0.05


class KeyedLocks:
    """One lock per key, which exists only while it is held or waited for.

    Avoids conflicts between requests of one process; only the version check in the store makes a save safe.
    """

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, set[object]]] = {}

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        lock, users = self._locks.setdefault(key, (asyncio.Lock(), set()))
        me = object()
        users.add(me)
        try:
            async with lock:
                yield
        finally:
            users.discard(me)
            if not users:
                self._locks.pop(key, None)

    def __len__(self) -> int:
        return len(self._locks)


async def retry_on_conflict(
    work: Callable[[], Awaitable[Result]], again_on: tuple[type[DomainError], ...] = ()
) -> Result:
    """Repeats the whole of `work` (load, change, save) after a plain Conflict, or an error of exactly `again_on`.

    Subclasses of Conflict (a taken name) are final answers and are not retried. Raises the last error.
    """
    for attempt in range(MAX_ATTEMPTS - 1):
        try:
            return await work()
        except DomainError as error:
            if type(error) is not Conflict and type(error) not in again_on:
                raise
        # A random pause, so that the processes that collided do not collide again.
        await asyncio.sleep(random.uniform(0, min(_MAX_PAUSE_SECONDS, 0.001 * 2**attempt)))  # noqa: S311
    return await work()
