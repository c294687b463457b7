"""Departed clients: updates of their recovery records that have not been written yet."""

import asyncio
from typing import Final

from realtime.delivery.client_registry import Client
from realtime.delivery.recovery import Recovery

_BATCH: Final = 500


class DepartedClients:
    def __init__(self, recovery: Recovery) -> None:
        self._recovery = recovery
        self._closed: list[Client] = []
        self._left: list[str] = []
        self._writing = asyncio.Lock()

    def closed(self, client: Client) -> None:
        """Its connection closed: its record is released, so that the client can be recovered."""
        self._closed.append(client)

    def left(self, client: Client) -> None:
        """It left for good: its record is deleted."""
        self._left.append(client.record_key)

    async def write_records(self) -> None:
        """Raises Unavailable; the updates are kept then."""
        async with self._writing:  # a drain calls it, too; each call must remove only the updates that it wrote itself
            await self._recovery.publish_claims()
            while self._closed:
                batch = self._closed[:_BATCH]
                await self._recovery.confirm_deliveries(batch, released=True)
                del self._closed[: len(batch)]
            keys, self._left = self._left, []
            if keys:
                await self._recovery.delete_records(*keys)
