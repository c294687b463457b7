"""Ports of the presence area."""

from collections.abc import Sequence
from typing import Protocol

from domain.presence.model import Connection


class PresenceStore(Protocol):
    """The live connections of all app processes. Each process writes its own.

    The connections of a process without a heartbeat for `dead_after` seconds are no longer returned.
    Every method raises Unavailable.
    """

    async def beat(self, process_id: str) -> bool:
        """The heartbeat of a process. False when the store does not know the process (any more): it must `replace`."""

    async def replace(self, process_id: str, connections: Sequence[Connection], online: int) -> None:
        """Store all connections of a process anew."""

    async def write(self, process_id: str, put: Sequence[Connection], removed: Sequence[str], online: int) -> bool:
        """Store changes; `online` is the number of live dashboards of the process.

        False, and nothing written, when the store does not know the process.
        """

    async def withdraw(self, process_id: str) -> None:
        """Remove a process and its connections."""

    async def all(self) -> Sequence[Connection]: ...

    async def find(self, connection_id: str) -> Connection | None: ...

    async def count(self) -> int:
        """The number of live dashboards of all processes."""

    async def sweep(self) -> Sequence[Connection]:
        """Remove the dead processes; returns the connections that they had."""
