"""Clients whose connection has ended, until their recovery records say so."""

import asyncio
from typing import Final

from realtime.delivery.clients import Client
from realtime.delivery.recovery import Recovery

_BATCH: Final = 500


class DepartedClients:
    def __init__(self, recovery: Recovery) -> None:
        self._recovery = recovery
        self._closed: list[Client] = []
        self._left: list[str] = []
        self._writing = asyncio.Lock()

    def closed(self, client: Client) -> None:
        """Its connection closed: its record keeps where it can go on."""
        self._closed.append(client)

    def left(self, client: Client) -> None:
        """It left for good: its record is deleted."""
        self._left.append(client.key)

    async def write_down(self) -> None:
        """Raises Unavailable; nothing is forgotten then."""
        async with self._writing:  # a drain asks, too; each must take away only what it wrote itself
            await self._recovery.tell_claims()
            while self._closed:
                batch = self._closed[:_BATCH]
                await self._recovery.confirm_deliveries(batch, released=True)
                del self._closed[: len(batch)]
            keys, self._left = self._left, []
            if keys:
                await self._recovery.forget(*keys)
