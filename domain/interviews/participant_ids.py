"""Participant ids: how they are issued, and the id of an authenticated visitor in a room."""

from hashlib import blake2b

from domain.interviews.invites.model import GuestTicket
from domain.shared.authority import StaffAuthority

Visitor = StaffAuthority | GuestTicket
"""An authenticated identity: a staff member by access token, or a guest by ticket."""


def staff_participant_id(room_id: str, staff_id: str) -> str:
    """The same for every device and connection of this staff member in this room; does not reveal the staff id."""
    return _participant_id(f"{room_id}:{staff_id}")


def guest_participant_id(secret: str) -> str:
    """Issued once for each redeemed invitation; `secret` is random."""
    return _participant_id(secret)


def participant_id_of(visitor: Visitor, room_id: str) -> str:
    """A guest has the id of the ticket, a staff member the id of the room."""
    return visitor.participant_id if isinstance(visitor, GuestTicket) else staff_participant_id(room_id, visitor.id)


def _participant_id(source: str) -> str:
    """Matches what ZEGO accepts as a user id."""
    return "p" + blake2b(source.encode(), digest_size=10).hexdigest()
