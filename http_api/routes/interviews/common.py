"""Shared by the routes of interviews: access, errors, the answer for a room, and the authentication of guests."""

from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import Field

from domain.interviews.errors import (
    ActiveRoomExists,
    Banned,
    CannotJoin,
    LobbyFull,
    NotJoined,
    NotYourRoom,
    RoomEnded,
    RoomFull,
    RoomIdTaken,
    RoomLocked,
    RoomNotFound,
    RoomNotOpen,
    TicketExpired,
    TicketInvalid,
)
from domain.interviews.invites.model import GuestTicket
from domain.interviews.live.commands import RoomId
from domain.interviews.live.room import LiveRoom
from domain.interviews.live.views import host_online
from domain.interviews.record.model import (
    HOST,
    MANAGE,
    VIEW,
    EndReason,
    InterviewRoom,
    Participant,
    RoomSource,
    RoomStatus,
    Schedule,
)
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import MediaMode, RoomPhase
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import LOGGABLE, RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.interviews.guest_links import GUEST_LINKS, TICKET_COOKIE, TICKET_HEADER

PathRoomId = Annotated[RoomId, LOGGABLE]
TAG: Final = Text("视频面试", "Video interviews")

CAN_VIEW: Final = Staff(VIEW, HOST, MANAGE)
CAN_HOST: Final = Staff(HOST)
CAN_END: Final = Staff(HOST, MANAGE)
CAN_MANAGE: Final = Staff(MANAGE)

ROOM_ERRORS: Final = (*STAFF_ERRORS, RoomNotFound, NotYourRoom)
OPENING_ERRORS: Final = (*STAFF_ERRORS, ActiveRoomExists, RoomIdTaken)
JOIN_ERRORS: Final = (RoomEnded, RoomNotOpen, Banned, RoomLocked, RoomFull, LobbyFull, TicketInvalid, CannotJoin)
GUEST_ERRORS: Final = (TicketExpired, RoomNotFound, NotYourRoom, NotJoined, *JOIN_ERRORS)


class LiveAnswer(Model):
    """The state of the live room."""

    phase: RoomPhase
    people: int
    waiting: int
    host_online: bool
    grace_ends_at: Instant | None

    @classmethod
    def of(cls, room: LiveRoom) -> "LiveAnswer":
        return cls(
            phase=room.phase,
            people=len(room.admitted_seats),
            waiting=len(room.lobby_seats),
            host_online=host_online(room),
            grace_ends_at=room.grace_ends_at,
        )


class RoomAnswer(Model):
    id: str
    version: int
    room_id: str
    room_name: str
    host_user_id: str
    host_name: str
    host_zego_user_id: str
    status: RoomStatus
    phase: RoomPhase
    source: RoomSource
    host_url: str | None
    media_mode: MediaMode
    settings: RoomSettings
    schedule: Schedule | None
    created_at: Instant
    updated_at: Instant
    opened_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    end_reason: EndReason | None
    ended_by: str | None
    duration: int | None
    participants: list[Participant]
    worker_id: str | None = Field(alias="resumeId")
    customer_id: str | None
    candidate_name: str | None
    candidate_phone: str | None
    candidate_position: str | None
    rating: int | None
    interview_note: str | None
    rated_by: str | None
    rated_at: Instant | None
    live: LiveAnswer | None

    @classmethod
    def of(cls, room: InterviewRoom, live: LiveRoom | None = None) -> "RoomAnswer":
        values = {name: getattr(room, name) for name in cls.model_fields if name not in ("live", "participants")}
        shown = {name: None if value == "" else value for name, value in values.items()}
        return cls(
            **shown,
            participants=list(room.participants),
            live=LiveAnswer.of(live) if live is not None and not live.ended else None,
        )


def guest_of(context: RequestContext) -> GuestTicket:
    """The guest whose ticket is in the header or in the HttpOnly cookie. Raises TicketInvalid, TicketExpired."""
    return context.services.interviews.invites.read_ticket(ticket_in(context))


def ticket_in(context: RequestContext) -> str:
    return context.request.headers.get(TICKET_HEADER) or context.request.cookies.get(TICKET_COOKIE, "")


def link_to(context: RequestContext, room_id: str, code: str) -> str:
    return context.request.app[GUEST_LINKS].link_to(room_id, code)


def without_secrets(address: str) -> str:
    """The address of the host's page without tokens: legacy pages put their access token into it."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if "token" not in name]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
