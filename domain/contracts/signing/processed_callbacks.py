"""Callbacks that have been seen to are marked so together, later: one command for many costs the store less."""

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
        """Mark it soon. When that fails or a worker dies, the message is seen to once more, which changes nothing."""
        self._keys.append(key)
        if self._task is None:
            self._task = asyncio.create_task(self._mark_in_turn())

    async def stop(self) -> None:
        """Mark what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._mark()

    async def _mark_in_turn(self) -> None:
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
