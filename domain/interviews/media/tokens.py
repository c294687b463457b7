"""Passes into the media room, for pages that bring a user id of their own, as today's do."""

from typing import Annotated, Final

from pydantic import Field

from domain.interviews.errors import CannotJoin, MediaUserIdTaken, RoomNotFound, TicketExpired, TicketInvalid
from domain.interviews.invites.model import GuestTicket
from domain.interviews.invites.service import InviteService
from domain.interviews.live.commands import RoomId
from domain.interviews.live.results import MediaCredentials, MediaToken
from domain.interviews.media.ports import MediaNotConfigured, MediaUserIds
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.interviews.polling.clients import PollingClients
from domain.interviews.ports import MEDIA_TOKEN_SECONDS, MediaTokenIssuer, TurnServers
from domain.interviews.record.service import InterviewRoomService, NewRoom
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
SHORTEST_SECONDS: Final = 60
_NOT_WELCOME: Final = (RuleViolated, NotFound, PermissionDenied, NotAuthenticated, Conflict)


class MediaTokenRequest(Model):
    room_id: RoomId
    media_user_id: MediaUserId | None = None
    """None: under the participant id."""
    seconds: int = MEDIA_TOKEN_SECONDS


class GuestCredentials(Model):
    """What a guest's page shows: a ticket, or the invitation that it has not redeemed yet."""

    ticket: str = ""
    code: str = ""
    name: str = ""


class GuestTokenResult(Model):
    ticket: str
    """To be shown from now on, also by somebody who was not let in: drawing another one uses the invitation up."""
    guest: GuestTicket
    media: MediaToken | None = None
    refused: str = ""
    """The code of what is in the way: `LOBBY` while they wait at the door."""


class MediaTokenService:
    def __init__(
        self,
        rooms: InterviewRoomService,
        inviting: InviteService,
        pollers: PollingClients,
        ids: MediaUserIds,
        provider: MediaTokenIssuer,
        turn: TurnServers,
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._inviting = inviting
        self._pollers = pollers
        self._ids = ids
        self._provider = provider
        self._turn = turn
        self._clock = clock

    async def for_staff(self, staff: StaffAuthority, wish: MediaTokenRequest, actor: Actor) -> MediaToken:
        """Their own room, which begins with this when there was none; a manager anybody's, as a guest.

        Raises NotYourRoom, RoomEnded, MediaUserIdTaken, MediaNotConfigured and what joining raises.
        """
        try:
            await self._rooms.find(wish.room_id)
        except RoomNotFound:
            await self._rooms.create(staff, NewRoom(room_id=wish.room_id), "supersede", actor)
        participant_id = participant_id_of(staff, wish.room_id)
        await self._claim(participant_id, wish)
        await self._pollers.come(staff, wish.room_id)
        return self._issue(participant_id, wish)

    async def for_guest(self, proof: GuestCredentials, wish: MediaTokenRequest) -> GuestTokenResult:
        """Raises CannotJoin when they have nothing to show for this room; MediaUserIdTaken, MediaNotConfigured."""
        try:
            ticket = await self._ticket(proof, wish.room_id)
            guest = self._inviting.bearer_of(ticket)
        except _NOT_WELCOME as error:
            raise CannotJoin(reason=error.code) from error
        await self._claim(guest.participant_id, wish)
        try:
            answer = await self._pollers.come(guest, wish.room_id)
        except _NOT_WELCOME as error:
            return GuestTokenResult(ticket=ticket, guest=guest, refused=error.code)
        if answer.lobby:
            return GuestTokenResult(ticket=ticket, guest=guest, refused="LOBBY")
        return GuestTokenResult(ticket=ticket, guest=guest, media=self._issue(guest.participant_id, wish))

    async def renewed(self, visitor: Visitor, wish: MediaTokenRequest) -> MediaCredentials:
        """For somebody who is in the room already, or may return; without a provider for TURN alone. Raises what
        joining raises, CannotJoin (the lobby), MediaUserIdTaken."""
        participant_id = participant_id_of(visitor, wish.room_id)
        if self._provider.available:
            await self._claim(participant_id, wish)
        answer = await self._pollers.come(visitor, wish.room_id)
        if answer.lobby:
            raise CannotJoin(reason="LOBBY")
        media = self._issue(participant_id, wish) if self._provider.available else None
        return MediaCredentials(zego=media, ice_servers=self._turn.ice_servers(participant_id, self._clock.now()))

    async def _ticket(self, proof: GuestCredentials, room_id: str) -> str:
        """The one they show when it is for this room; else a new one, by their invitation."""
        try:
            if self._inviting.bearer_of(proof.ticket).room_id == room_id:
                return proof.ticket
        except (TicketInvalid, TicketExpired):
            if not proof.code:
                raise
        if not proof.code or self._inviting.room_of(proof.code) != room_id:
            raise TicketInvalid
        return (await self._inviting.redeem(proof.code, proof.name)).ticket

    async def _claim(self, participant_id: str, wish: MediaTokenRequest) -> None:
        """Before they take a seat: nobody sits there under an id that is refused."""
        if not self._provider.available:
            raise MediaNotConfigured
        if not await self._ids.claim(wish.room_id, wish.media_user_id or participant_id, participant_id):
            raise MediaUserIdTaken

    def _issue(self, participant_id: str, wish: MediaTokenRequest) -> MediaToken:
        seconds = min(max(wish.seconds, SHORTEST_SECONDS), MEDIA_TOKEN_SECONDS)
        return self._provider.ticket(wish.room_id, wish.media_user_id or participant_id, self._clock.now(), seconds)
