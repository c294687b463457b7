"""Where live connections are written down, for all workers to see."""

from collections.abc import Sequence
from typing import Protocol

from domain.presence.model import Connection


class PresenceBoard(Protocol):
    """Each worker writes its own part. A worker that stops beating for `dead_after` seconds is not shown any more.

    Every method raises Unavailable.
    """

    async def beat(self, worker: str) -> bool:
        """False when the board does not know this worker (any more): it must `replace` its part."""

    async def replace(self, worker: str, connections: Sequence[Connection], online: int) -> None: ...

    async def write(self, worker: str, put: Sequence[Connection], removed: Sequence[str], online: int) -> bool:
        """`online` is the worker's number of live dashboards. False, and nothing written, when the board does not know
        this worker."""

    async def withdraw(self, worker: str) -> None: ...

    async def all(self) -> Sequence[Connection]: ...

    async def find(self, connection_id: str) -> Connection | None: ...

    async def count(self) -> int:
        """Live dashboards of all workers."""

    async def sweep(self) -> Sequence[Connection]:
        """Take the parts of dead workers off the board; the connections that they had."""
