"""Use cases of invitations: make a link, withdraw it, and draw a ticket with it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.audit.model import audit_of
from domain.interviews.errors import Banned, InviteInvalid, RoomEnded, TooManyInvites
from domain.interviews.invites.model import (
    MAX_INVITE_USES,
    MAX_INVITES,
    GuestIdentity,
    GuestTicket,
    Invite,
    InviteClaims,
    display_name,
    ticket_end,
)
from domain.interviews.participant_ids import guest_participant_id
from domain.interviews.ports import TicketSigner
from domain.interviews.record.model import InterviewRoom, RoomStatus
from domain.interviews.record.service import InterviewRoomService
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.model import Instant, Model
from domain.shared.ports import Clock, IdGenerator

_LONGEST_HOURS = 24 * 30


class NewInvite(Model):
    identity: GuestIdentity = "customer"
    name: Annotated[str, Field(max_length=32)] = ""
    max_uses: Annotated[int, Field(ge=1, le=MAX_INVITE_USES)] = 1
    valid_hours: Annotated[float, Field(gt=0, le=_LONGEST_HOURS)] = 24


class InviteLink(Model):
    """`code` goes into the link; it is shown once and stored nowhere."""

    invite: Invite
    room_id: str
    code: str


class Redeemed(Model):
    """`ticket` is shown in the handshake of `/interview` (`auth.ticket`) and for a token of the media provider."""

    ticket: str
    expires_at: Instant
    room_id: str
    room_name: str
    participant_id: str
    name: str
    identity: GuestIdentity


class InviteService:
    def __init__(
        self,
        rooms: InterviewRoomService,
        withdraw: Callable[[str, str], Awaitable[None]],
        signer: TicketSigner,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        """`withdraw` makes an invitation (room, id) void in the live room."""
        self._rooms = rooms
        self._withdraw = withdraw
        self._signer = signer
        self._clock = clock
        self._ids = ids

    async def create(self, host: StaffAuthority, room_id: str, wish: NewInvite, actor: Actor) -> InviteLink:
        """Raises RoomNotFound, NotYourRoom, RoomEnded, TooManyInvites."""
        await self._rooms.owned(host, room_id)
        now = self._clock.now()
        invite = Invite(
            id=self._ids.next_id(),
            identity=wish.identity,
            name=wish.name,
            max_uses=wish.max_uses,
            expires_at=now + timedelta(hours=wish.valid_hours),
            created_at=now,
            created_by=host.name,
        )

        def adding(room: InterviewRoom) -> InterviewRoom:
            if room.status is RoomStatus.ENDED:
                raise RoomEnded
            if len(room.invites) >= MAX_INVITES:
                raise TooManyInvites(most=MAX_INVITES)
            return room.with_invite(invite, now)

        audited = audit_of(self._ids.next_id(), now, actor, ("interview", room_id), after={"invite": invite.id})
        await self._rooms.change(room_id, adding, [audited])
        claims = InviteClaims(room_id=room_id, invite_id=invite.id, expires_at=invite.expires_at)
        return InviteLink(invite=invite, room_id=room_id, code=self._signer.sign_invite(claims))

    async def of_room(self, staff: StaffAuthority, room_id: str) -> list[Invite]:
        return list((await self._rooms.seen_by(staff, room_id)).invites)

    async def revoke(self, host: StaffAuthority, room_id: str, invite_id: str, actor: Actor) -> Invite:
        """Also void for who holds a ticket by it and was not in yet. Raises InviteInvalid."""
        await self._rooms.owned(host, room_id)
        now = self._clock.now()

        def revoking(room: InterviewRoom) -> InterviewRoom:
            invite = room.invite(invite_id)
            if invite is None:
                raise InviteInvalid
            return room if invite.revoked_at else room.with_invite(invite.revoked(now), now)

        audited = audit_of(self._ids.next_id(), now, actor, ("interview", room_id), {"invite": invite_id}, {})
        room = await self._rooms.change(room_id, revoking, [audited])
        await self._withdraw(room_id, invite_id)
        found = room.invite(invite_id)
        assert found is not None  # noqa: S101  # the step above found it
        return found

    async def standing_link(
        self, host: StaffAuthority, room_id: str, identity: GuestIdentity, actor: Actor
    ) -> InviteLink:
        """The link that a host shares with several people: the newest that still lets somebody in, or a new one.

        Raises RoomNotFound, NotYourRoom, RoomEnded, TooManyInvites."""
        room, now = await self._rooms.owned(host, room_id), self._clock.now()
        for invite in reversed(room.invites):
            banned = any(ban.invite_id == invite.id for ban in room.bans)
            if invite.identity == identity and invite.max_uses > 1 and invite.is_open(now) and not banned:
                claims = InviteClaims(room_id=room_id, invite_id=invite.id, expires_at=invite.expires_at)
                return InviteLink(invite=invite, room_id=room_id, code=self._signer.sign_invite(claims))
        return await self.create(host, room_id, NewInvite(identity=identity, max_uses=MAX_INVITE_USES), actor)

    def bearer_of(self, token: str) -> GuestTicket:
        """Whose ticket it is; whether they are still welcome is for the room to say. Raises TicketInvalid,
        TicketExpired."""
        return self._signer.read_ticket(token, self._clock.now())

    def room_of(self, code: str) -> str:
        """Where an invitation leads. Nothing is used up. Raises InviteInvalid, InviteExpired."""
        return self._signer.read_invite(code, self._clock.now()).room_id

    async def redeem(self, code: str, name: str) -> Redeemed:
        """A ticket for one new person. Raises InviteInvalid, InviteExpired, InviteUsedUp, RoomNotFound, RoomEnded."""
        now = self._clock.now()
        claims = self._signer.read_invite(code, now)

        def using(room: InterviewRoom) -> InterviewRoom:
            if room.status is RoomStatus.ENDED:
                raise RoomEnded
            invite = room.invite(claims.invite_id)
            if invite is None or any(ban.invite_id == invite.id for ban in room.bans):
                raise InviteInvalid
            return room.with_invite(invite.used(now), now)

        room = await self._rooms.change(claims.room_id, using)
        invite = room.invite(claims.invite_id)
        assert invite is not None  # noqa: S101  # the step above found it
        ticket = GuestTicket(
            room_id=room.room_id,
            participant_id=guest_participant_id(self._ids.secret()),
            identity=invite.identity,
            name=display_name(invite.identity, invite.name or name.strip()),
            invite_id=invite.id,
            ticket_id=self._ids.next_id(),
            expires_at=ticket_end(now),
        )
        return Redeemed(
            ticket=self._signer.sign_ticket(ticket, now),
            expires_at=ticket.expires_at,
            room_id=room.room_id,
            room_name=room.room_name,
            participant_id=ticket.participant_id,
            name=ticket.name,
            identity=ticket.identity,
        )

    async def renew(self, token: str) -> Redeemed:
        """The same person for some more hours, while the room lives. Raises TicketInvalid, TicketExpired, RoomEnded,
        Banned."""
        now = self._clock.now()
        ticket = self._signer.read_ticket(token, now)
        room = await self._rooms.find(ticket.room_id)
        room.require_active()
        if any(ban.participant_id == ticket.participant_id for ban in room.bans):
            raise Banned
        renewed = ticket.model_copy(update={"ticket_id": self._ids.next_id(), "expires_at": ticket_end(now)})
        return Redeemed(
            ticket=self._signer.sign_ticket(renewed, now),
            expires_at=renewed.expires_at,
            room_id=room.room_id,
            room_name=room.room_name,
            participant_id=ticket.participant_id,
            name=ticket.name,
            identity=ticket.identity,
        )
