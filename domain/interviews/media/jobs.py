"""Jobs for the media server: close a room, or remove users from it. They are stored until they have succeeded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from domain.shared.model import Instant, Model

JobKind = Literal["closeRoom", "putOut"]
"""`putOut` removes users."""


class MediaJob(Model):
    """`key` is derived from the cause, so that a repeated cause gives one job."""

    key: str
    kind: JobKind
    room_id: str
    user_ids: tuple[str, ...] = ()
    reason: str = ""
    created_at: Instant
    next_try_at: Instant
    tries: int = 0
    until: Instant | None = None
    """When the job expires."""


class MediaJobStore(Protocol):
    """Every method raises Unavailable."""

    async def add(self, jobs: Sequence[MediaJob]) -> None:
        """Ignores jobs that are stored already, open or completed."""

    async def claim(self, kind: JobKind, now: datetime, lease_seconds: float) -> MediaJob | None:
        """A job that is due, with this try counted. No other caller gets it before the lease expires."""

    async def complete(self, key: str, now: datetime) -> None: ...

    async def postpone(self, key: str, until: datetime) -> None: ...


def media_job(
    key: str, kind: JobKind, room_id: str, now: datetime, user_ids: tuple[str, ...] = (), reason: str = ""
) -> MediaJob:
    return MediaJob(
        key=f"{kind}:{key}",
        kind=kind,
        room_id=room_id,
        user_ids=user_ids,
        reason=reason,
        created_at=now,
        next_try_at=now,
    )
