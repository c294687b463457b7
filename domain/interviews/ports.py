"""Ports of interviews: the stores, the relay between peers, app processes, and the signers of tickets and tokens."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.interviews.invites.model import GuestTicket, InviteClaims
from domain.interviews.live.room import LiveRoom
from domain.interviews.media.credentials import MEDIA_TOKEN_SECONDS, IceServer, MediaToken
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import InterviewRoom
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest


class InterviewRoomRepository(Protocol):
    """The records of interviews."""

    async def find(self, entity_id: str) -> InterviewRoom | None: ...

    async def find_by_room_id(self, room_id: str) -> InterviewRoom | None: ...

    async def active_of(self, host_user_id: str) -> InterviewRoom | None:
        """The active room of a host, who has at most one."""

    async def latest_of(self, host_user_id: str) -> InterviewRoom | None: ...

    async def page(self, room_filter: RoomFilter, page: PageRequest) -> Page[InterviewRoom]:
        """Newest first (scheduled rooms: soonest first), without chat, attendance and invitations."""

    async def scheduled_until(self, before: datetime, limit: int) -> Sequence[InterviewRoom]:
        """Rooms that are still scheduled although their scheduled end was before this instant, by their start."""

    async def due_for_reminder(self, starting_until: datetime, limit: int) -> Sequence[InterviewRoom]:
        """Scheduled rooms that start at this instant or before and are not reminded of, soonest first."""

    async def active_ids(self, after: str, limit: int) -> Sequence[str]:
        """Room ids of active rooms in ascending order, beginning after `after`."""

    async def save(self, entity: InterviewRoom, events: Sequence[DomainEvent]) -> InterviewRoom:
        """Raises Conflict, RoomIdTaken, ActiveRoomExists (a second active room of one host), Unavailable."""


class StoredLiveRoom(Model):
    """A live room as it was read. It contains every change up to `head`, an offset of the event stream."""

    room: LiveRoom | None
    head: str
    command_result: str | None = None
    """The stored result of the command that was asked about, if it has been executed before."""


class LiveRoomStore(Protocol):
    """Live rooms, shared by all app processes. Every method raises Unavailable."""

    async def load(self, room_id: str, command: str = "") -> StoredLiveRoom: ...

    async def save(
        self, room: LiveRoom, before: int, events: Sequence[DomainEvent], command: str = "", result: str = ""
    ) -> str:
        """In one step: replaces version `before` of the room (0: no room is stored) and its next deadline, publishes
        the events, and stores the result of the command. Returns the head of the event stream.

        Raises Conflict when another version is stored, or the command has been executed in the meantime.
        """

    async def claim_due(self, now: datetime, limit: int) -> Sequence[str]:
        """Rooms whose deadline has passed. No other caller gets them for some seconds, in which saving the room should
        move its deadline."""

    async def room_ids(self) -> Sequence[str]:
        """All live rooms."""

    async def drop_deadline(self, room_id: str) -> None:
        """For a room that no longer exists."""


class PeerRoute(Model):
    """How a message gets from one participant to another. `sender_connection` is the connection it arrived on."""

    room_id: str
    sender_id: str
    sender_connection: str
    to: str
    event: str


class PeerMessage(Model):
    """A message that arrived at the app process that serves `connection`, its receiver."""

    room_id: str
    connection: str
    event: str
    payload: str
    """A JSON object, passed on unchanged."""
    polite: bool
    """True if the receiver is the polite peer of WebRTC's perfect negotiation."""


class PeerRelay(Protocol):
    """Messages from participant to participant, across app processes."""

    async def follow(self, process: str, deliver: Callable[[PeerMessage], None]) -> None:
        """Deliver the messages for participants of this process until cancelled; outages of the store are survived."""

    async def send(self, route: PeerRoute, payload: Mapping[str, object]) -> None:
        """Raises NotJoined when the sender's connection holds no seat in the room, PeerOffline when the receiver has no
        connected seat, Unavailable. The store decides both at the moment of sending."""


class LostProcess(Model):
    process: str
    until: Instant
    """Whatever the process did after this instant it did after it had recovered."""


class AppProcessRegistry(Protocol):
    """Which app processes are alive, by their heartbeats. Every method raises Unavailable."""

    async def heartbeat(self, process: str) -> bool:
        """False when the process had been declared lost, or the store was restarted and may have lost data: the process
        must reattach the seats of its connections."""

    async def lost(self) -> Sequence[LostProcess]:
        """Processes whose heartbeat is overdue, until `forget_lost`."""

    async def forget_lost(self, process: str) -> None:
        """To be called when none of its connections counts as connected any more."""

    async def withdraw(self, process: str) -> None:
        """The process stops in an orderly way and will not be reported as lost."""


class MediaTokenIssuer(Protocol):
    """Tokens of the provider that carries audio and video of rooms in mode `zego`."""

    @property
    def available(self) -> bool:
        """True if a provider is configured."""

    def issue(self, room_id: str, participant_id: str, now: datetime, seconds: int = MEDIA_TOKEN_SECONDS) -> MediaToken:
        """A token that admits this participant to this room only."""


class TurnServers(Protocol):
    def ice_servers(self, participant_id: str, now: datetime) -> list[IceServer]:
        """STUN and TURN servers with fresh, short-lived credentials."""


class TicketSigner(Protocol):
    def sign_invite(self, claims: InviteClaims) -> str: ...

    def read_invite(self, code: str) -> InviteClaims:
        """Verifies the signature only. Raises InviteInvalid."""

    def sign_ticket(self, ticket: GuestTicket, now: datetime) -> str: ...

    def read_ticket(self, token: str, now: datetime) -> GuestTicket:
        """Raises TicketInvalid, TicketExpired."""
