"""Use cases of invitations: create and revoke links, redeem a link for a ticket, renew a ticket."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from domain.audit.model import audit_of
from domain.interviews.errors import Banned, InviteInvalid, RoomEnded, TooManyInvites
from domain.interviews.invites.model import (
    MAX_INVITE_USES,
    MAX_INVITES,
    GuestIdentity,
    GuestName,
    GuestTicket,
    Invite,
    InviteClaims,
    display_name,
    ticket_expiry,
)
from domain.interviews.participant_ids import guest_participant_id
from domain.interviews.ports import TicketSigner
from domain.interviews.record.model import InterviewRoom, RoomStatus
from domain.interviews.record.service import InterviewRoomService
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.model import Instant, Model
from domain.shared.ports import Clock, IdGenerator

_MAX_VALID_HOURS = 24 * 30


class NewInvite(Model):
    identity: GuestIdentity = "customer"
    name: GuestName = ""
    max_uses: Annotated[int, Field(ge=1, le=MAX_INVITE_USES)] = 1
    valid_hours: Annotated[float, Field(gt=0, le=_MAX_VALID_HOURS)] = 24


class InviteLink(Model):
    """`code` becomes part of the link; it is returned once and not stored."""

    invite: Invite
    room_id: str
    code: str


class InvitePreview(Model):
    """The data about an interview that a link shows before its guest enters a name or turns on the camera."""

    room_id: str
    room_name: str
    host_name: str
    identity: GuestIdentity
    name: str
    """Given by the host; empty when the guest enters it."""
    open: bool
    """False until the host opens a scheduled room: the link is valid, and may be redeemed then."""
    starts_at: Instant | None


class IssuedTicket(Model):
    """`ticket` is the credential for the namespace `/interview` (`auth.ticket`) and for media tokens."""

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
        revoke_in_live_room: Callable[[str, str], Awaitable[None]],
        signer: TicketSigner,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        """`revoke_in_live_room` takes a room id and an invitation id."""
        self._rooms = rooms
        self._revoke_in_live_room = revoke_in_live_room
        self._signer = signer
        self._clock = clock
        self._ids = ids

    async def create(self, host: StaffAuthority, room_id: str, new_invite: NewInvite, actor: Actor) -> InviteLink:
        """`valid_hours` count from now, or from the start that the room is scheduled for; when that is
        moved, the invitation is valid for as much longer or shorter.

        Raises RoomNotFound, NotYourRoom, RoomEnded, TooManyInvites.
        """
        planned = (await self._rooms.get_owned(host, room_id)).schedule
        now = self._clock.now()
        valid_from = max(now, planned.starts_at) if planned else now
        invite = Invite(
            id=self._ids.next_id(),
            identity=new_invite.identity,
            name=new_invite.name,
            max_uses=new_invite.max_uses,
            expires_at=valid_from + timedelta(hours=new_invite.valid_hours),
            created_at=now,
            created_by=host.name,
        )

        def add(room: InterviewRoom) -> InterviewRoom:
            if room.status is RoomStatus.ENDED:
                raise RoomEnded
            if len(room.invites) >= MAX_INVITES:
                raise TooManyInvites(most=MAX_INVITES)
            return room.with_invite(invite, now)

        audited = audit_of(self._ids.next_id(), now, actor, ("interview", room_id), after={"invite": invite.id})
        await self._rooms.change(room_id, add, [audited])
        return self._link(room_id, invite)

    async def list_invites(self, staff: StaffAuthority, room_id: str) -> list[Invite]:
        """Raises RoomNotFound, NotYourRoom."""
        return list((await self._rooms.get_visible(staff, room_id)).invites)

    async def revoke(self, host: StaffAuthority, room_id: str, invite_id: str, actor: Actor) -> Invite:
        """Also invalidates tickets of this invitation whose bearers have not joined yet. Raises InviteInvalid."""
        await self._rooms.get_owned(host, room_id)
        now = self._clock.now()

        def revoke(room: InterviewRoom) -> InterviewRoom:
            invite = room.invite(invite_id)
            if invite is None:
                raise InviteInvalid
            return room if invite.revoked_at else room.with_invite(invite.revoked(now), now)

        audited = audit_of(self._ids.next_id(), now, actor, ("interview", room_id), {"invite": invite_id}, {})
        room = await self._rooms.change(room_id, revoke, [audited])
        await self._revoke_in_live_room(room_id, invite_id)
        found = room.invite(invite_id)
        assert found is not None  # noqa: S101  # `revoke` has found it
        return found

    async def reusable_link(
        self, host: StaffAuthority, room_id: str, identity: GuestIdentity, actor: Actor
    ) -> InviteLink:
        """The link that a host shares with several guests: the newest open invitation for many uses, or a new one.

        Raises RoomNotFound, NotYourRoom, RoomEnded, TooManyInvites.
        """
        room, now = await self._rooms.get_owned(host, room_id), self._clock.now()
        for invite in reversed(room.invites):
            banned = any(ban.invite_id == invite.id for ban in room.bans)
            if invite.identity == identity and invite.max_uses > 1 and invite.is_open(now) and not banned:
                return self._link(room_id, invite)
        return await self.create(host, room_id, NewInvite(identity=identity, max_uses=MAX_INVITE_USES), actor)

    def read_ticket(self, token: str) -> GuestTicket:
        """Verifies the ticket only; the room decides whether its bearer may join. Raises TicketInvalid,
        TicketExpired."""
        return self._signer.read_ticket(token, self._clock.now())

    def room_id_of(self, code: str) -> str:
        """The room that an invitation leads to, also when the invitation is used up or closed. Raises InviteInvalid."""
        return self._signer.read_invite(code).room_id

    async def preview(self, code: str) -> InvitePreview:
        """The interview of an invitation; counts no use. Raises the errors of `redeem`, except RoomNotOpen."""
        now = self._clock.now()
        claims = self._signer.read_invite(code)
        room = await self._rooms.find(claims.room_id)
        room.require_not_ended()
        invite = _used(room, claims.invite_id, now)
        return InvitePreview(
            room_id=room.room_id,
            room_name=room.room_name,
            host_name=room.host_name,
            identity=invite.identity,
            name=invite.name,
            open=room.status is RoomStatus.ACTIVE,
            starts_at=room.schedule.starts_at if room.schedule else None,
        )

    async def redeem(self, code: str, name: str) -> IssuedTicket:
        """A ticket for one new guest. A room that is not open issues none, because tickets expire after some hours.

        Raises InviteInvalid, InviteExpired, InviteUsedUp, RoomNotFound, RoomEnded, RoomNotOpen.
        """
        now = self._clock.now()
        claims = self._signer.read_invite(code)

        def use(room: InterviewRoom) -> InterviewRoom:
            room.require_active()
            return room.with_invite(_used(room, claims.invite_id, now), now)

        room = await self._rooms.change(claims.room_id, use)
        invite = room.invite(claims.invite_id)
        assert invite is not None  # noqa: S101  # `use` has found it
        ticket = GuestTicket(
            room_id=room.room_id,
            participant_id=guest_participant_id(self._ids.secret()),
            identity=invite.identity,
            name=display_name(invite.identity, invite.name or name.strip()),
            invite_id=invite.id,
            ticket_id=self._ids.next_id(),
            expires_at=ticket_expiry(now),
        )
        return self._issue(ticket, room, now)

    async def renew(self, token: str) -> IssuedTicket:
        """A ticket of the same guest that expires later. Raises TicketInvalid, TicketExpired, RoomNotFound, RoomEnded,
        RoomNotOpen, Banned."""
        now = self._clock.now()
        ticket = self._signer.read_ticket(token, now)
        room = await self._rooms.find(ticket.room_id)
        room.require_active()
        if any(ban.participant_id == ticket.participant_id for ban in room.bans):
            raise Banned
        renewed = ticket.model_copy(update={"ticket_id": self._ids.next_id(), "expires_at": ticket_expiry(now)})
        return self._issue(renewed, room, now)

    def _link(self, room_id: str, invite: Invite) -> InviteLink:
        claims = InviteClaims(room_id=room_id, invite_id=invite.id, expires_at=invite.expires_at)
        return InviteLink(invite=invite, room_id=room_id, code=self._signer.sign_invite(claims))

    def _issue(self, ticket: GuestTicket, room: InterviewRoom, now: datetime) -> IssuedTicket:
        return IssuedTicket(
            ticket=self._signer.sign_ticket(ticket, now),
            expires_at=ticket.expires_at,
            room_id=room.room_id,
            room_name=room.room_name,
            participant_id=ticket.participant_id,
            name=ticket.name,
            identity=ticket.identity,
        )


def _used(room: InterviewRoom, invite_id: str, now: datetime) -> Invite:
    """The invitation with one more use. Raises InviteInvalid, InviteExpired, InviteUsedUp."""
    invite = room.invite(invite_id)
    if invite is None or any(ban.invite_id == invite.id for ban in room.bans):
        raise InviteInvalid
    return invite.used(now)
