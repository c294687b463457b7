"""Ports of media: the media server that carries audio and video, its reports, and the users in its rooms."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.interviews.media.reports import MediaReport


class MediaServer(Protocol):
    """The server API of the provider. Every method is idempotent; raises UpstreamFailed and its kinds, RateLimited,
    Unavailable."""

    async def close_room(self, room_id: str, reason: str) -> None:
        """Removes all users. A room that does not exist counts as closed."""

    async def remove_users(self, room_id: str, media_user_ids: Sequence[str], reason: str) -> None:
        """Users who are not in the room are ignored."""

    async def users(self, room_id: str) -> Sequence[str]:
        """The ids of the users in the room; none if the room does not exist."""


class MediaReportVerifier(Protocol):
    async def verify(self, fields: Mapping[str, str], now: datetime) -> MediaReport | None:
        """None for an authentic report that is not relevant here. Raises ForgedReport, Unavailable."""


class MediaPresence(Protocol):
    """The users in the media rooms, according to reports. Every method raises Unavailable."""

    async def is_news(self, report: MediaReport) -> bool:
        """False for an earlier incarnation, for a log-in that has ended, and for a report that was applied before."""

    async def apply(self, report: MediaReport) -> bool:
        """Stores the report. Returns what `is_news` says of it."""

    async def users(self, room_id: str) -> frozenset[str]: ...

    async def reconcile(self, room_id: str, users: Sequence[str], asked_at: datetime) -> None:
        """Adopts the answer of the media server: adds users without a report, removes missing ones, unless a report
        about them is newer than `asked_at`."""


class MediaUserIds(Protocol):
    """The user ids of participants in the media rooms. The default is the participant id; legacy clients bring their
    own, which belongs to the first participant who claims it. Every method raises Unavailable."""

    async def claim(self, room_id: str, media_user_id: str, participant_id: str) -> bool:
        """False when the id belongs to another participant of this room."""

    async def has_users(self, room_id: str) -> bool:
        """True if a token for this media room was ever issued."""

    async def of_participant(self, room_id: str, participant_id: str) -> Sequence[str]:
        """All ids of the participant; the participant id comes first."""

    async def owner_of(self, room_id: str, media_user_id: str) -> str:
        """The participant who claimed the id; the id itself when no participant has."""
