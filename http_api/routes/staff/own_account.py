"""Routes of the caller's own account: profile, password, sessions."""

from pydantic import RootModel

from domain.shared.credentials import NewPassword, PresentedPassword
from domain.shared.model import Instant, Model
from domain.shared.password_strength import WeakPassword
from domain.shared.phone import Phone
from domain.shared.text import Text
from domain.staff.administration import StaffChanges
from domain.staff.errors import PasswordUnchanged, SessionNotFound, StaffPhoneTaken, WrongPassword
from domain.staff.model import StaffName
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.staff.accounts import Email, NoPhone
from http_api.routes.staff.authentication import OWN, StaffProfile, profile_of

endpoints = Endpoints("/api/auth", tag=Text("员工认证", "Staff authentication"))


class OwnProfileBody(Model):
    """Absent fields keep their values; an empty text removes a value. The picture is set by `POST /api/auth/avatar`."""

    name: StaffName | None = None
    phone: Phone | NoPhone | None = None
    email: Email | None = None


class PasswordBody(Model):
    current_password: PresentedPassword
    new_password: NewPassword


class OwnSession(Model):
    id: str
    address: str
    user_agent: str
    started_at: Instant
    used_at: Instant
    expires_at: Instant
    current: bool
    """The session of this request."""


class OwnSessions(RootModel[list[OwnSession]]):
    """The most recently used one first."""


@endpoints.patch(
    "/me",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    audit="staff.update-own",
    message=Text("资料已更新", "Profile updated"),
    raises=(*STAFF_ERRORS, StaffPhoneTaken),
    example={"name": "李静", "phone": "13800138000"},
)
async def update_me(context: RequestContext, body: OwnProfileBody) -> StaffProfile:
    """修改本人资料 · edit your own profile"""
    changes = StaffChanges(name=body.name, phone=body.phone, email=body.email)
    staff = await context.services.staff.administration.update_own(context.staff.id, changes, context.actor)
    return await profile_of(context, staff, context.staff)


@endpoints.post(
    "/change-password",
    access=OWN,
    rate_limit=RateLimit.LOGIN,
    audit="staff.change-password",
    message=Text("密码已修改，其他登录已失效", "Password changed; your other sessions have ended"),
    raises=(*STAFF_ERRORS, WrongPassword, PasswordUnchanged, WeakPassword),
    example={"currentPassword": "plum tree 42", "newPassword": "seven quiet rivers"},
)
async def change_password(context: RequestContext, body: PasswordBody) -> None:
    """修改密码；其他登录立即失效 · change your password; your other sessions end at once"""
    await context.services.staff.passwords.change(
        context.staff, body.current_password, body.new_password, context.actor
    )


@endpoints.get("/sessions", access=Staff(), rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def list_sessions(context: RequestContext) -> OwnSessions:
    """本人的登录会话 · your sessions"""
    staff = await context.services.staff.administration.find(context.staff.id)
    shown = [
        OwnSession(
            **session.model_dump(include={"id", "address", "user_agent", "started_at", "used_at", "expires_at"}),
            current=session.id == context.session_id,
        )
        for session in sorted(staff.sessions, key=lambda each: each.used_at, reverse=True)
    ]
    return OwnSessions(shown)


@endpoints.delete(
    "/sessions/{session_id}",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    audit="staff.end-session",
    message=Text("已退出该设备", "Session ended"),
    raises=(*STAFF_ERRORS, SessionNotFound),
)
async def end_session(context: RequestContext, session_id: EntityId) -> None:
    """退出一个设备的登录 · end one of your sessions, at once and everywhere"""
    if not await context.services.staff.sessions.logout(context.staff.id, session_id, context.actor):
        raise SessionNotFound
