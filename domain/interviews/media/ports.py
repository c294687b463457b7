"""The media plane beside our signaling: orders to it, and what it reports. We know no vendor here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.shared.errors import NotAuthenticated, Unavailable
from domain.shared.model import Instant, Model
from domain.shared.text import Text


class ForgedReport(NotAuthenticated):
    code = "CALLBACK_FORGED"
    text = Text("回调签名无效", "The message does not prove where it comes from")


class MediaNotConfigured(Unavailable):
    code = "MEDIA_NOT_CONFIGURED"
    text = Text("未配置即构音视频服务", "No media service is configured")


class MediaServer(Protocol):
    """All are the same twice as once. Raise UpstreamFailed and its kinds, RateLimited, Unavailable."""

    async def close_room(self, room_id: str, reason: str) -> None:
        """Everybody is put out; a room that is not there is closed."""

    async def put_out(self, room_id: str, media_user_ids: Sequence[str], reason: str) -> None:
        """They have to leave; whoever is not there has left."""

    async def users(self, room_id: str) -> Sequence[str]:
        """Who is there, by their ids; nobody in a room that is not there."""


class MediaReportKind(StrEnum):
    ROOM_OPENED = "roomOpened"
    ROOM_CLOSED = "roomClosed"
    ENTERED = "entered"
    LEFT = "left"


class MediaReport(Model):
    """Something that the media plane says has happened. Reports come late, twice and out of order."""

    kind: MediaReportKind
    room_id: str
    incarnation: str
    """A decimal number: a room that closes and opens again has a higher one."""
    user_id: str = ""
    login: str = ""
    """Tells two log-ins of one user apart."""
    by_order: bool = False
    """Closed or left because somebody with authority said so."""
    at: Instant


class MediaReportVerifier(Protocol):
    async def verified(self, fields: Mapping[str, str], now: datetime) -> MediaReport | None:
        """None: genuine, and nothing that concerns us. Raises ForgedReport, Unavailable."""


class MediaPresence(Protocol):
    """Who is in the media rooms, as far as reports tell."""

    async def is_news(self, report: MediaReport) -> bool:
        """False when it is of an earlier incarnation, of a log-in that is over, or was taken before.
        Raises Unavailable."""

    async def take(self, report: MediaReport) -> bool:
        """Remember it; what `is_news` says of it. Raises Unavailable."""

    async def users(self, room_id: str) -> frozenset[str]:
        """Raises Unavailable."""

    async def settle(self, room_id: str, there: Sequence[str], asked_at: datetime) -> None:
        """What the media plane says when it is asked: whom no report brought is there, and who is missing has left,
        unless a report of them is newer. Raises Unavailable."""


class MediaUserIds(Protocol):
    """Under which ids people are in the media rooms. Everybody has their participant id there; clients of today bring
    one of their own, and the first who brings it keeps it. Raises Unavailable."""

    async def claim(self, room_id: str, media_user_id: str, participant_id: str) -> bool:
        """False: it is somebody else's in this room."""

    async def used(self, room_id: str) -> bool:
        """Whether anybody was ever given a pass into this media room."""

    async def of_participant(self, room_id: str, participant_id: str) -> Sequence[str]:
        """All of theirs; the participant id is the first."""

    async def participant_of(self, room_id: str, media_user_id: str) -> str:
        """Whose it is; the id itself when nobody brought it."""
