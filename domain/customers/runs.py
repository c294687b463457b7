"""The last runs of scheduled work, so that each is done once for its time, also across restarts."""

from typing import Protocol

from domain.shared.model import Instant, Model


class ScheduledRun(Model):
    slot: Instant | None = None
    """The last scheduled time for which the work is done."""
    at: Instant
    moved: int = 0
    failed: int = 0


class RunLog(Protocol):
    async def last(self, work: str) -> ScheduledRun | None:
        """None: never. Raises Unavailable."""

    async def finished(self, work: str, run: ScheduledRun) -> None:
        """Without a slot, the stored one stays. Raises Unavailable."""
