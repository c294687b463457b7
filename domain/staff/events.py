"""What happens to members of staff."""

from typing import ClassVar

from domain.shared.events import DomainEvent


class StaffAccessChanged(DomainEvent):
    """What a member of staff may do has changed, or sessions of theirs have ended: whoever serves them looks again."""

    type: ClassVar[str] = "staff.access_changed"

    staff_id: str
    session_id: str = ""
    """Only this session ended; empty: look at all of them."""
