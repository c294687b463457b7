"""Polling deadlines: until when a participant without a socket counts as connected."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class PollingDeadlines(Protocol):
    """Every method raises Unavailable."""

    async def extend(self, room_id: str, participant_id: str, until: datetime) -> None:
        """Never shortens."""

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Room id and participant id of those whose deadline has passed."""

    async def remove(self, room_id: str, participant_id: str, now: datetime) -> None:
        """Unless the deadline has been extended beyond `now`."""
