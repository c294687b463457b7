"""Events of mini-program users.

`UserChanged` goes to every app process, so that open lists follow. The counted events stay with the durable followers
of the app process that saved them: the login journal and the statistics.
"""

from typing import ClassVar, Literal

from domain.shared.actor import ActorRef
from domain.shared.events import DomainEvent
from domain.shared.model import Instant
from domain.shared.places.region import Region
from domain.users.login_record import LoginMethod

ChangeKind = Literal["registered", "updated", "blocked", "unblocked", "deleted"]


class UserChanged(DomainEvent):
    """A value that the list of users shows has changed."""

    type: ClassVar[str] = "user.changed"

    user_id: str
    change: ChangeKind
    version: int


class UserBlocked(DomainEvent):
    type: ClassVar[str] = "user.blocked"
    published: ClassVar[bool] = False

    user_id: str
    nickname: str
    by: ActorRef
    reason: str


class CountedUserEvent(DomainEvent):
    """Base of the events that statistics count. It carries the account's state right after the event."""

    published: ClassVar[bool] = False

    user_id: str
    registered_at: Instant
    login_count: int
    has_phone: bool
    region: Region


class UserActive(CountedUserEvent):
    """A successful login (any method) or refresh of a session."""

    type: ClassVar[str] = "user.active"

    method: LoginMethod
    is_new: bool
    previous_active_at: Instant | None = None
    """The login or refresh before this one."""
    previous_login_count: int = 0
    app_id: str = ""
    address: str = ""
    user_agent: str = ""
    login_region: Region = Region()


class UserPhoneChanged(CountedUserEvent):
    """A phone was bound or unbound; `has_phone` is the state afterwards. Replacing a number is no such event."""

    type: ClassVar[str] = "user.phone_changed"


class UserPhoneVerified(DomainEvent):
    """The account has a phone that WeChat, or a trusted machine, has verified; also a new number, and a new account."""

    type: ClassVar[str] = "user.phone_verified"
    published: ClassVar[bool] = False

    user_id: str


class UserRegionChanged(CountedUserEvent):
    type: ClassVar[str] = "user.region_changed"

    previous_region: Region


class UserDeleted(CountedUserEvent):
    """The account was deleted, or merged into another one, and is no longer counted.

    `has_phone`, `region` and `login_count` are the values that it was counted with.
    """

    type: ClassVar[str] = "user.deleted"

    last_active_at: Instant | None = None
