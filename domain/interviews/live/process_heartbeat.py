"""The heartbeat of an app process, and what follows when a process is lost: its seats are disconnected."""

import logging
from datetime import timedelta
from typing import Final

from domain.interviews.live.connections import SeatConnections
from domain.interviews.ports import AppProcessRegistry
from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock
from domain.shared.signal import Signal

log = logging.getLogger("error.interviews")

_HEARTBEAT_SECONDS: Final = 2.0
_STEADY_SECONDS: Final = 6.0
"""A process must have had steady heartbeats for this long before it may act upon the loss of others."""


class ProcessHeartbeat:
    def __init__(
        self,
        registry: AppProcessRegistry,
        connections: SeatConnections,
        clock: Clock,
        process: str,
        seats_in_doubt: Signal,
    ) -> None:
        """Sets `seats_in_doubt` when the store may be wrong about the connections of this process: it had been declared
        lost, or the store was restarted."""
        self._registry = registry
        self._connections = connections
        self._clock = clock
        self._process = process
        self._seats_in_doubt = seats_in_doubt
        self._last_at = self._steady_since = clock.now()

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        return (BackgroundJob("interviews-heartbeat", Every(_HEARTBEAT_SECONDS), self.beat),)

    async def beat(self) -> None:
        """Raises Unavailable."""
        now = self._clock.now()
        if now - self._last_at > timedelta(seconds=_HEARTBEAT_SECONDS * 2):
            self._steady_since = now  # the store was unavailable, perhaps a moment longer for the other processes
        if not await self._registry.heartbeat(self._process):
            self._seats_in_doubt.set()
        self._last_at = now
        if now - self._steady_since < timedelta(seconds=_STEADY_SECONDS):
            return
        for lost in await self._registry.lost():
            log.warning("interviews.worker_lost", extra={"worker": lost.process})
            await self._connections.process_lost(lost.process, lost.until)
            await self._registry.forget_lost(lost.process)

    async def withdraw(self) -> None:
        """This process stops and has sent its clients to other processes. Raises Unavailable."""
        await self._registry.withdraw(self._process)
