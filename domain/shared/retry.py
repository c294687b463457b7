"""Saving what somebody else may save at the same moment: in turn within a process, again when it happened anyway."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from domain.shared.errors import Conflict, DomainError

Result = TypeVar("Result")

MAX_ATTEMPTS = 16
_LONGEST_PAUSE_SECONDS = 0.05


class KeyedLocks:
    """One lock a key, which exists only while somebody holds it or waits for it.

    It spares the store the conflicts between requests of one process; only the store's own check makes a save safe.
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
    """Do the whole of `work` (load, act, save) again after a plain Conflict, or after one of exactly `again_on`.

    Kinds of Conflict that say more (a taken name) are answers, not reasons to try again. The last failure is raised.
    """
    for attempt in range(MAX_ATTEMPTS - 1):
        try:
            return await work()
        except DomainError as error:
            if type(error) is not Conflict and type(error) not in again_on:
                raise
        # Spread out, so that the workers that collided do not collide again.
        await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE_SECONDS, 0.001 * 2**attempt)))  # noqa: S311
    return await work()
