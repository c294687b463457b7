"""Use cases of media tokens: joins the room for clients that bring a media user id of their own, and issues a token."""

from typing import Annotated, Final

from pydantic import Field

from domain.interviews.errors import (
    CannotJoin,
    MediaNotConfigured,
    MediaUserIdTaken,
    RoomNotFound,
    TicketExpired,
    TicketInvalid,
)
from domain.interviews.invites.model import GuestTicket
from domain.interviews.invites.service import InviteService
from domain.interviews.live.commands import RoomId
from domain.interviews.media.credentials import MEDIA_TOKEN_SECONDS, MediaCredentials, MediaToken
from domain.interviews.media.ports import MediaUserIds
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.interviews.polling.clients import PollingClients
from domain.interviews.ports import MediaTokenIssuer, TurnServers
from domain.interviews.record.new_room import NewRoom
from domain.interviews.record.service import InterviewRoomService
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import (
    Conflict,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    RuleViolated,
)
from domain.shared.model import Model
from domain.shared.ports import Clock

MediaUserId = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_]+$")]
MIN_TOKEN_SECONDS: Final = 60
_REFUSALS: Final = (RuleViolated, NotFound, PermissionDenied, NotAuthenticated, Conflict)


class MediaTokenRequest(Model):
    room_id: RoomId
    media_user_id: MediaUserId | None = None
    """None for the participant id."""
    seconds: int = MEDIA_TOKEN_SECONDS


class GuestCredentials(Model):
    """A guest's ticket, or the invitation that the guest has not redeemed yet."""

    ticket: str = ""
    code: str = ""
    name: str = ""


class GuestTokenResult(Model):
    ticket: str
    """The client keeps it, even when it was refused: redeeming the invitation again would use it up."""
    guest: GuestTicket
    media: MediaToken | None = None
    refused: str = ""
    """The code of the refusal; `LOBBY` while the guest waits in the lobby."""


class MediaTokenService:
    def __init__(
        self,
        rooms: InterviewRoomService,
        invites: InviteService,
        polling_clients: PollingClients,
        ids: MediaUserIds,
        issuer: MediaTokenIssuer,
        turn: TurnServers,
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._invites = invites
        self._polling_clients = polling_clients
        self._ids = ids
        self._issuer = issuer
        self._turn = turn
        self._clock = clock

    async def for_staff(self, staff: StaffAuthority, request: MediaTokenRequest, actor: Actor) -> MediaToken:
        """For the staff member's own room, which is created if it does not exist; managers join any room as guests.

        Raises NotYourRoom, RoomEnded, MediaUserIdTaken, MediaNotConfigured and what joining raises.
        """
        try:
            await self._rooms.find(request.room_id)
        except RoomNotFound:
            await self._rooms.create(staff, NewRoom(room_id=request.room_id), "supersede", actor)
        participant_id = participant_id_of(staff, request.room_id)
        await self._claim_user_id(participant_id, request)
        await self._polling_clients.join(staff, request.room_id)
        return self._issue(participant_id, request)

    async def for_guest(self, credentials: GuestCredentials, request: MediaTokenRequest) -> GuestTokenResult:
        """Raises CannotJoin without valid credentials for this room; MediaUserIdTaken, MediaNotConfigured."""
        try:
            ticket = await self._ticket(credentials, request.room_id)
            guest = self._invites.read_ticket(ticket)
        except _REFUSALS as error:
            raise CannotJoin(reason=error.code) from error
        await self._claim_user_id(guest.participant_id, request)
        try:
            joined = await self._polling_clients.join(guest, request.room_id)
        except _REFUSALS as error:
            return GuestTokenResult(ticket=ticket, guest=guest, refused=error.code)
        if joined.lobby:
            return GuestTokenResult(ticket=ticket, guest=guest, refused="LOBBY")
        return GuestTokenResult(ticket=ticket, guest=guest, media=self._issue(guest.participant_id, request))

    async def renew(self, visitor: Visitor, request: MediaTokenRequest) -> MediaCredentials:
        """For a visitor who is in the room or may join it; without a provider only TURN credentials. Raises what
        joining raises, CannotJoin (the visitor waits in the lobby), MediaUserIdTaken."""
        participant_id = participant_id_of(visitor, request.room_id)
        if self._issuer.available:
            await self._claim_user_id(participant_id, request)
        joined = await self._polling_clients.join(visitor, request.room_id)
        if joined.lobby:
            raise CannotJoin(reason="LOBBY")
        media = self._issue(participant_id, request) if self._issuer.available else None
        return MediaCredentials(zego=media, ice_servers=self._turn.ice_servers(participant_id, self._clock.now()))

    async def _ticket(self, credentials: GuestCredentials, room_id: str) -> str:
        """The guest's ticket if it is for this room, else a new one for the invitation."""
        try:
            if self._invites.read_ticket(credentials.ticket).room_id == room_id:
                return credentials.ticket
        except (TicketInvalid, TicketExpired):
            if not credentials.code:
                raise
        if not credentials.code or self._invites.room_id_of(credentials.code) != room_id:
            raise TicketInvalid
        return (await self._invites.redeem(credentials.code, credentials.name)).ticket

    async def _claim_user_id(self, participant_id: str, request: MediaTokenRequest) -> None:
        """To be called before joining: no participant takes a seat with a refused id."""
        if not self._issuer.available:
            raise MediaNotConfigured
        if not await self._ids.claim(request.room_id, request.media_user_id or participant_id, participant_id):
            raise MediaUserIdTaken

    def _issue(self, participant_id: str, request: MediaTokenRequest) -> MediaToken:
        seconds = min(max(request.seconds, MIN_TOKEN_SECONDS), MEDIA_TOKEN_SECONDS)
        user_id = request.media_user_id or participant_id
        return self._issuer.issue(request.room_id, user_id, self._clock.now(), seconds)
