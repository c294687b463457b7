"""A staff member (员工)."""

from datetime import datetime
from typing import Annotated, Any, Self

from domain.sessions.model import Session, Sessions, add_session
from domain.shared.actor import Actor
from domain.shared.authority import Role, StaffAuthority, role_of
from domain.shared.entity import Entity
from domain.shared.errors import NotAuthenticated, PermissionDenied
from domain.shared.login_throttle import WrongPasswordGiven
from domain.shared.model import Instant, Model
from domain.shared.plain_text import cleaned_line, one_line
from domain.shared.text import Text
from domain.staff.permissions import with_implied
from domain.staff.role import StaffRole

StaffUsername = Annotated[str, one_line(64, required=True)]
"""The same rule for creating an account and for logging in, so that every name that exists can be entered."""
StaffName = Annotated[str, one_line(32, required=True)]


class BadCredentials(WrongPasswordGiven, NotAuthenticated):
    code = "BAD_CREDENTIALS"
    text = Text("用户名或密码错误", "Wrong user name or password")


class StaffSuspended(PermissionDenied):
    code = "STAFF_SUSPENDED"
    text = Text("账号已被暂停，无法登录", "This account is suspended")


class StaffDisabled(PermissionDenied):
    code = "STAFF_DISABLED"
    text = Text("账号已被禁用", "This account is disabled")


class RecentLogin(Model):
    timestamp: Instant
    ip: str = ""
    user_agent: str = ""


class WeChatBinding(Model):
    app_id: str
    open_id: str


class SessionBearer(Model):
    """The staff member of a session, without the permissions of the role: a role changes apart from its holders."""

    id: str
    username: str
    name: str
    role: str
    own_permissions: tuple[str, ...] = ()
    session_id: str
    department: str = ""
    must_change_password: bool = False

    def authority(self, role: StaffRole | None, colleagues: frozenset[str] = frozenset()) -> StaffAuthority:
        """`role`: the stored role with the code of this one. Own permissions count only when the role names none."""
        own = () if role and role.permissions else self.own_permissions
        granted = with_implied(own) | (role.granted if role else frozenset())
        return StaffAuthority(
            id=self.id,
            username=self.username,
            name=self.name,
            role=self.role,
            permissions=frozenset() if self.must_change_password else granted,
            session_id=self.session_id,
            department=self.department,
            colleagues=colleagues,
            must_change_password=self.must_change_password,
        )


class Staff(Entity):
    """A document of the collection `users`."""

    username: str
    name: Annotated[str, cleaned_line()]
    role: str
    phone: str = ""
    email: str = ""
    avatar: str = ""
    department: str = ""
    """The id of the department; a name in documents of the former system."""
    monthly_task: int | None = None
    """本月任务: contracts to sign in the month."""
    must_change_password: bool = False
    wechat_bindings: tuple[WeChatBinding, ...] = ()
    """At most one of each mini-program."""
    wechat_open_id: str = ""
    wechat_nickname: str = ""
    wechat_avatar: str = ""
    permissions: tuple[str, ...] = ()
    active: bool = True
    suspended: bool = False
    is_admin: bool = False
    is_active: bool = True
    left_at: Instant | None = None
    last_login_at: Instant | None = None
    sessions: Sessions = ()
    recent_logins: tuple[RecentLogin, ...] = ()
    created_at: Instant
    updated_at: Instant

    @property
    def role_code(self) -> Role | None:
        return role_of(self.role)

    @property
    def role_key(self) -> str:
        """The code under which the role is stored."""
        return self.role_code or self.role

    @property
    def is_usable(self) -> bool:
        return self.active and self.is_active and not self.suspended and self.left_at is None

    @property
    def is_administrator(self) -> bool:
        """May sign in, and holds the role that grants everything."""
        return self.is_usable and self.role_code is Role.ADMIN

    def require_usable(self) -> None:
        """Raises StaffSuspended, StaffDisabled. Checked on login and on each use of a session."""
        if self.suspended:
            raise StaffSuspended
        if not self.is_usable:
            raise StaffDisabled

    def as_actor(self, actor: Actor) -> Actor:
        """The actor of a log-in, once the account is known."""
        return actor.model_copy(update={"kind": "staff", "id": self.id, "name": self.name})

    def bearer(self, session_id: str) -> "SessionBearer":
        return SessionBearer(
            id=self.id,
            username=self.username,
            name=self.name,
            role=self.role_key,
            own_permissions=self.permissions,
            session_id=session_id,
            department=self.department,
            must_change_password=self.must_change_password,
        )

    def authority(self, role: StaffRole | None) -> StaffAuthority:
        return self.bearer("").authority(role)

    def logged_in(self, session: Session, now: datetime) -> Self:
        """Adds the session, and its login to the five most recent ones."""
        login = RecentLogin(timestamp=now, ip=session.address, user_agent=session.user_agent)
        return self._with(
            now,
            sessions=add_session(self.sessions, session),
            last_login_at=now,
            recent_logins=(login, *self.recent_logins[:4]),
        )

    def edited(self, now: datetime, **changes: Any) -> Self:
        """The account with these changes, and without sessions if it is not usable any more."""
        changed = self._with(now, **changes)
        return changed if changed.is_usable else changed.with_sessions((), now)

    def bound_to(self, identity: WeChatBinding, now: datetime) -> Self:
        others = tuple(each for each in self.wechat_bindings if each.app_id != identity.app_id)
        return self._with(now, wechat_bindings=(*others, identity))

    def with_avatar(self, url: str, now: datetime) -> Self:
        return self._with(now, avatar=url)

    def with_sessions(self, sessions: Sessions, now: datetime) -> Self:
        return self._with(now, sessions=sessions)

    def _with(self, now: datetime, **changes: Any) -> Self:
        return self.model_copy(update={**changes, "updated_at": now})
