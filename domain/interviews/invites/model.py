"""Invitations (邀请): a signed link issues a ticket to its bearer; the ticket admits one person to one room."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from domain.interviews.errors import InviteExpired, InviteInvalid, InviteUsedUp
from domain.shared.model import Instant, Model
from domain.shared.plain_text import one_line

GuestIdentity = Literal["customer", "helper"]
GuestName = Annotated[str, one_line(32)]
MAX_INVITES: Final = 50
"""For one room."""
MAX_INVITE_USES: Final = 20
TICKET_HOURS: Final = 6


class Invite(Model):
    id: str
    identity: GuestIdentity
    name: str = ""
    """The guest's name, given by the host; a guest whose invitation has none enters a name."""
    max_uses: Annotated[int, Field(ge=1, le=MAX_INVITE_USES)] = 1
    uses: int = 0
    expires_at: Instant
    created_at: Instant
    created_by: str = ""
    revoked_at: Instant | None = None

    def is_open(self, now: datetime) -> bool:
        """True if `used` would accept one more use."""
        return self.revoked_at is None and now < self.expires_at and self.uses < self.max_uses

    def used(self, now: datetime) -> Self:
        """Counts one use. Raises InviteInvalid, InviteExpired, InviteUsedUp."""
        if self.revoked_at is not None:
            raise InviteInvalid
        if self.expires_at <= now:
            raise InviteExpired
        if self.uses >= self.max_uses:
            raise InviteUsedUp
        return self.model_copy(update={"uses": self.uses + 1})

    def moved(self, by: timedelta, now: datetime) -> Self:
        """Valid for longer, or shorter, because the interview was moved. An expired one stays expired."""
        return self if self.expires_at <= now else self.model_copy(update={"expires_at": self.expires_at + by})

    def revoked(self, now: datetime) -> Self:
        return self if self.revoked_at else self.model_copy(update={"revoked_at": now})


class InviteClaims(Model):
    """The claims in the signed code of an invitation link. The signature keeps codes from being guessed.

    `expires_at` is that of the day when the link was made; the invitation of the room has the present one, which
    follows the scheduled start.
    """

    room_id: str
    invite_id: str
    expires_at: Instant


class GuestTicket(Model):
    """The credential of a guest: admits one person to one room for some hours. Its identity is issued by us."""

    room_id: str
    participant_id: str
    identity: GuestIdentity
    name: str
    invite_id: str
    ticket_id: str
    expires_at: Instant

    # A ticket is both the credential and the visitor of a connection (domain.presence.visitors).

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


def ticket_expiry(now: datetime) -> datetime:
    return now + timedelta(hours=TICKET_HOURS)


def display_name(identity: GuestIdentity, name: str) -> str:
    """The form that legacy clients read: `客户-王女士`, or the identity alone for a guest without a name."""
    label = "客户" if identity == "customer" else "阿姨"
    return f"{label}-{name}" if name else label
