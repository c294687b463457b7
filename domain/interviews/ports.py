"""What interviews need from outside."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from domain.interviews.invites.model import GuestTicket, InviteClaims
from domain.interviews.live.results import IceServer, MediaToken
from domain.interviews.live.room import LiveRoom
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import InterviewRoom
from domain.shared.events import DomainEvent
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest


class InterviewRoomRepository(Protocol):
    """The records."""

    async def find(self, entity_id: str) -> InterviewRoom | None: ...

    async def find_by_room_id(self, room_id: str) -> InterviewRoom | None: ...

    async def active_of(self, host_user_id: str) -> InterviewRoom | None: ...

    async def latest_of(self, host_user_id: str) -> InterviewRoom | None: ...

    async def page(self, wanted: RoomFilter, page: PageRequest) -> Page[InterviewRoom]:
        """The newest first, without chat, attendance and invitations."""

    async def scheduled_until(self, before: datetime, most: int) -> Sequence[InterviewRoom]:
        """Scheduled rooms whose time ended before this instant."""

    async def active_ids(self, after: str, most: int) -> Sequence[str]:
        """Room ids of active rooms, in order, from the one behind `after`."""

    async def save(self, entity: InterviewRoom, events: Sequence[DomainEvent]) -> InterviewRoom:
        """Raises Conflict, RoomIdTaken, ActiveRoomExists (a second active room of one host), Unavailable."""


class StoredLiveRoom(Model):
    """A live room as it was read. Everything up to `head`, an offset of the bus, is in it."""

    room: LiveRoom | None
    head: str
    done: str | None = None
    """What the command that was asked about was answered with, when it has been done already."""


class LiveRoomStore(Protocol):
    """Live rooms, shared by all workers. Every method raises Unavailable."""

    async def load(self, room_id: str, command: str = "") -> StoredLiveRoom: ...

    async def save(
        self, room: LiveRoom, before: int, events: Sequence[DomainEvent], command: str = "", answer: str = ""
    ) -> str:
        """In one step: the room in the place of its version `before` (0: there is none), its next deadline, its events
        on the bus, and the answer to the command. Returns the bus's head. Raises Conflict when it has another version,
        or the command has been done meanwhile."""

    async def claim_due(self, now: datetime, most: int) -> Sequence[str]:
        """Rooms whose deadline has passed. No other caller is given them for some seconds, in which saving them should
        have moved their deadline."""

    async def room_ids(self) -> Sequence[str]:
        """All live rooms."""

    async def drop_deadline(self, room_id: str) -> None:
        """For a room that is not there any more."""


class PeerRoute(Model):
    """How a message gets from one participant to another. `sender` is the connection it comes by."""

    room_id: str
    sender_id: str
    sender: str
    to: str
    event: str


class PeerMessage(Model):
    """A message that has come to the worker which serves `connection`. `polite`: whether its receiver gives way."""

    room_id: str
    connection: str
    event: str
    payload: str
    """A JSON object, passed on as it is."""
    polite: bool


class PeerRelay(Protocol):
    """From participant to participant, whichever worker serves them."""

    async def follow(self, worker: str, deliver: Callable[[PeerMessage], None]) -> None:
        """Take what comes for this worker's people, until cancelled, whatever happens to the store in between."""

    async def send(self, route: PeerRoute, payload: Mapping[str, object]) -> None:
        """Raises NotJoined when the sender's connection is not the one seated in the room, PeerOffline when nobody is
        seated at the other end, Unavailable. Both are judged at the moment of sending, from the store."""


class LostProcess(Model):
    worker: str
    until: Instant
    """What it did after this it did as one that came back to life."""


class AppProcessRegistry(Protocol):
    """Which workers are alive. Raises Unavailable."""

    async def beat(self, worker: str) -> bool:
        """False when this worker had been given up, or the store has been started anew and may have forgotten
        something: what this worker knows of its people has to be shown again."""

    async def given_up(self) -> Sequence[LostProcess]:
        """Processes that have been silent for too long, until they are buried."""

    async def bury(self, worker: str) -> None:
        """Nobody is counted as connected to it any more."""

    async def withdraw(self, worker: str) -> None: ...


MEDIA_TOKEN_SECONDS: Final = 7200


class MediaTokenIssuer(Protocol):
    """Carries sound and pictures of rooms whose mode is `zego`."""

    @property
    def available(self) -> bool:
        """Whether it is configured at all."""

    def ticket(
        self, room_id: str, participant_id: str, now: datetime, seconds: int = MEDIA_TOKEN_SECONDS
    ) -> MediaToken:
        """Lets this participant into this room and no other."""


class TurnServers(Protocol):
    def ice_servers(self, participant_id: str, now: datetime) -> list[IceServer]:
        """Fresh, short-lived credentials."""


class TicketSigner(Protocol):
    def sign_invite(self, claims: InviteClaims) -> str: ...

    def read_invite(self, code: str, now: datetime) -> InviteClaims:
        """Raises InviteInvalid, InviteExpired."""

    def sign_ticket(self, ticket: GuestTicket, now: datetime) -> str: ...

    def read_ticket(self, token: str, now: datetime) -> GuestTicket:
        """Raises TicketInvalid, TicketExpired."""
