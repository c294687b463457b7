"""Marks processed callbacks in batches: one command for many callbacks costs the store less."""

import asyncio
import logging

from domain.contracts.ports import CallbackStore
from domain.shared.errors import DomainError
from domain.shared.ports import Clock

log = logging.getLogger("error.contracts")

EVERY_SECONDS = 0.2


class ProcessedCallbackMarker:
    def __init__(self, store: CallbackStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._keys: list[str] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, key: str) -> None:
        """Mark the callback soon. If that fails, the callback is processed once more, which changes nothing."""
        self._keys.append(key)
        if self._task is None:
            self._task = asyncio.create_task(self._mark_repeatedly())

    async def stop(self) -> None:
        """Mark the remaining callbacks."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._mark()

    async def _mark_repeatedly(self) -> None:
        try:
            while self._keys:
                await asyncio.sleep(EVERY_SECONDS)
                await self._mark()
        finally:
            self._task = None

    async def _mark(self) -> None:
        keys, self._keys = self._keys, []
        if not keys:
            return
        try:
            await self._store.mark_processed(keys, self._clock.now())
        except DomainError as error:
            log.warning("contracts.callbacks_unsettled", extra={"code": error.code, "callbacks": len(keys)})
