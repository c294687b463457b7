"""What happens to mini-program users.

Two kinds: facts for the journal and the figures (they stay with this worker's durable followers), and `UserChanged`,
which goes to every worker so that open lists move.
"""

from typing import ClassVar, Literal

from domain.shared.events import DomainEvent
from domain.shared.model import Instant
from domain.shared.region import Region
from domain.users.login.record import LoginMethod

ChangeKind = Literal["registered", "updated", "blocked", "unblocked", "deleted"]


class UserChanged(DomainEvent):
    """Something that a list of users shows has changed."""

    type: ClassVar[str] = "user.changed"

    user_id: str
    change: ChangeKind
    version: int


class UserFact(DomainEvent):
    """Base of what the figures are made of: the state right after the fact."""

    on_bus: ClassVar[bool] = False

    user_id: str
    registered_at: Instant
    login_count: int
    has_phone: bool
    region: Region


class UserActive(UserFact):
    """A successful log-in (any method) or refresh of a session."""

    type: ClassVar[str] = "user.active"

    method: LoginMethod
    is_new: bool
    previous_active_at: Instant | None = None
    """The log-in or refresh before this one."""
    previous_login_count: int = 0
    app_id: str = ""
    address: str = ""
    user_agent: str = ""
    login_region: Region = Region()


class UserPhoneChanged(UserFact):
    """Bound or unbound; `has_phone` is the state afterwards. Not recorded when a number is merely replaced."""

    type: ClassVar[str] = "user.phone_changed"


class UserRegionChanged(UserFact):
    type: ClassVar[str] = "user.region_changed"

    previous_region: Region


class UserDeleted(UserFact):
    """Deleted, or merged into another account: no longer counted. `has_phone`, `region` and `login_count` are those
    that it was counted with."""

    type: ClassVar[str] = "user.deleted"

    last_active_at: Instant | None = None
