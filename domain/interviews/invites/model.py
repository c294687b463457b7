"""Invitations (邀请): a signed link lets its bearer draw a ticket; the ticket lets one person into one room."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from domain.interviews.errors import InviteExpired, InviteInvalid, InviteUsedUp
from domain.shared.model import Instant, Model

GuestIdentity = Literal["customer", "helper"]
MAX_INVITES: Final = 50
MAX_INVITE_USES: Final = 20
TICKET_HOURS: Final = 6


class Invite(Model):
    id: str
    identity: GuestIdentity
    name: str = ""
    """Given by the host; who comes by an invitation without one names themselves."""
    max_uses: Annotated[int, Field(ge=1, le=MAX_INVITE_USES)] = 1
    uses: int = 0
    expires_at: Instant
    created_at: Instant
    created_by: str = ""
    revoked_at: Instant | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it lets one more person in."""
        return self.revoked_at is None and now < self.expires_at and self.uses < self.max_uses

    def used(self, now: datetime) -> Self:
        """Raises InviteInvalid, InviteExpired, InviteUsedUp."""
        if self.revoked_at is not None:
            raise InviteInvalid
        if self.expires_at <= now:
            raise InviteExpired
        if self.uses >= self.max_uses:
            raise InviteUsedUp
        return self.model_copy(update={"uses": self.uses + 1})

    def revoked(self, now: datetime) -> Self:
        return self if self.revoked_at else self.model_copy(update={"revoked_at": now})


class InviteClaims(Model):
    """What the code in the link says; signed, so that nobody tries codes."""

    room_id: str
    invite_id: str
    expires_at: Instant


class GuestTicket(Model):
    """Proof of who a guest is: one person, one room, for some hours. Identities are ours to give."""

    room_id: str
    participant_id: str
    identity: GuestIdentity
    name: str
    invite_id: str
    ticket_id: str
    expires_at: Instant

    @property
    def id(self) -> str:
        return self.participant_id

    @property
    def role(self) -> str:
        return "guest"

    @property
    def subject(self) -> str:
        return self.participant_id

    @property
    def session_id(self) -> str:
        return self.ticket_id


def ticket_end(now: datetime) -> datetime:
    return now + timedelta(hours=TICKET_HOURS)


def display_name(identity: GuestIdentity, name: str) -> str:
    """As today's clients read it: `客户-王女士`, or the bare identity of somebody who stays anonymous."""
    label = "客户" if identity == "customer" else "阿姨"
    return f"{label}-{name}" if name else label
