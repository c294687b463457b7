"""Reports (callbacks) of the media server about its rooms and users."""

from enum import StrEnum

from domain.shared.model import Instant, Model


class MediaReportKind(StrEnum):
    ROOM_OPENED = "roomOpened"
    ROOM_CLOSED = "roomClosed"
    ENTERED = "entered"
    LEFT = "left"


class MediaReport(Model):
    """Reports may arrive late, twice and out of order."""

    kind: MediaReportKind
    room_id: str
    incarnation: str
    """A decimal number: a room that closes and opens again has a higher one."""
    user_id: str = ""
    login: str = ""
    """Distinguishes the log-ins of one user."""
    by_order: bool = False
    """The room was closed, or the user removed, on request of a server or administrator."""
    at: Instant
