"""Routes for login, refresh and logout of staff (员工认证), with the paths and fields of the legacy system."""

from typing import Annotated, Literal

from multidict import CIMultiDict
from pydantic import Field, StringConstraints

from domain.contracts.allowed_actions import capabilities as contract_capabilities
from domain.sessions.model import SessionEnded
from domain.shared.authority import StaffAuthority
from domain.shared.credentials import PresentedPassword
from domain.shared.errors import NotAuthenticated
from domain.shared.model import Instant, Model
from domain.shared.plain_text import PRINTABLE_ASCII
from domain.shared.text import Text
from domain.staff.administration import StaffLabels
from domain.staff.model import BadCredentials, StaffDisabled, StaffSuspended, StaffUsername
from domain.staff.model import Staff as StaffMember
from domain.staff.service import REFRESH_LIFETIME, StaffLoggedIn
from domain.users.administration.capabilities import capabilities as user_capabilities
from http_api.core.access import PUBLIC, Staff
from http_api.core.app_keys import AUTHENTICATOR
from http_api.core.endpoint import ApiResponse, Endpoints, RequestContext
from http_api.core.known_devices import DEVICE_HEADER, device_cookie, presented_device
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import Ignored

endpoints = Endpoints("/api/auth", tag=Text("员工认证", "Staff authentication"))

OWN = Staff(before_password_change=True)

COOKIE = "staff_refresh"
COOKIE_PATH = "/api/auth"
"""The browser sends the refresh token to these paths only."""
DEVICE_COOKIE = "staff_device"


class LoginBody(Model):
    username: StaffUsername
    password: PresentedPassword
    openid: Ignored = None
    """Sent by legacy clients and ignored: a bare openid proves nothing."""


class StaffProfile(Model):
    id: str
    username: str
    name: str
    phone: str | None
    email: str | None
    avatar: str | None
    role: str
    role_label: str
    department: str | None
    permissions: list[str]
    capabilities: list[str]
    """Capabilities of the role beyond its permissions, by area."""
    active: bool
    must_change_password: bool
    """Nothing but `POST /api/auth/change-password` is allowed before."""
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, staff: StaffMember, authority: StaffAuthority, labels: StaffLabels) -> "StaffProfile":
        return cls(
            id=staff.id,
            username=staff.username,
            name=staff.name,
            phone=staff.phone or None,
            email=staff.email or None,
            avatar=staff.avatar or None,
            role=staff.role_key,
            role_label=labels.role,
            department=labels.department or None,
            permissions=sorted(authority.permissions),
            capabilities=_capabilities(authority),
            active=staff.active,
            must_change_password=staff.must_change_password,
            created_at=staff.created_at,
            updated_at=staff.updated_at,
        )


def _capabilities(by: StaffAuthority) -> list[str]:
    return [*contract_capabilities(by), *user_capabilities(by)]


async def profile_of(context: RequestContext, staff: StaffMember, authority: StaffAuthority) -> StaffProfile:
    return StaffProfile.of(staff, authority, await context.services.staff.administration.labels_of(staff))


class LoggedIn(Model):
    access_token: Annotated[str, Field(alias="access_token")]
    refresh_token: Annotated[str, Field(alias="refresh_token")]
    token_type: Annotated[Literal["Bearer"], Field(alias="token_type")] = "Bearer"  # noqa: S105  # the scheme
    expires_in: Annotated[int, Field(alias="expires_in")]
    user: StaffProfile


async def logged_in_of(context: RequestContext, done: StaffLoggedIn) -> LoggedIn:
    return LoggedIn(
        access_token=done.tokens.access_token,
        refresh_token=done.tokens.refresh_token,
        expires_in=done.tokens.expires_in,
        user=await profile_of(context, done.staff, done.authority),
    )


class RefreshBody(Model):
    """Empty for browsers, which send a cookie, and for legacy clients, which send a valid access token."""

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=PRINTABLE_ASCII)] | None = (
        None
    )


class Renewed(Model):
    token: str
    access_token: Annotated[str, Field(alias="access_token")]
    refresh_token: Annotated[str | None, Field(alias="refresh_token")] = None
    expires_in: Annotated[int, Field(alias="expires_in")]


class SessionUser(Model):
    id: str
    username: str
    role: str
    name: str


class RecentLogin(Model):
    timestamp: Instant
    ip: str
    user_agent: str


class SessionInfo(Model):
    user: SessionUser
    recent_logins: list[RecentLogin]


@endpoints.post(
    "/login",
    access=PUBLIC,
    rate_limit=RateLimit.LOGIN,
    audit="staff.login",
    message=Text("登录成功", "Signed in"),
    raises=(BadCredentials, StaffSuspended, StaffDisabled),
    example={"username": "admin", "password": "correct horse battery"},
)
async def login(context: RequestContext, body: LoginBody) -> ApiResponse[LoggedIn]:
    """员工登录 · sign in"""
    device = presented_device(context, DEVICE_COOKIE)
    done = await context.services.staff.sessions.login(body.username, body.password, context.actor, device)
    logged_in = await logged_in_of(context, done)
    tokens = context.services.staff.devices.remember(done.staff.id, device)
    headers = CIMultiDict({**_cookie(context, done.tokens.refresh_token), DEVICE_HEADER: tokens})
    headers.add("Set-Cookie", device_cookie(DEVICE_COOKIE, tokens, COOKIE_PATH, secure=_is_secure(context)))
    return ApiResponse(logged_in, headers=headers)


@endpoints.post(
    "/refresh",
    access=PUBLIC,
    rate_limit=RateLimit.REFRESH,
    unaudited="a session continues; its start and its end are audited",
    message=Text("刷新成功", "Renewed"),
    raises=(SessionEnded, NotAuthenticated, StaffSuspended, StaffDisabled),
    example={},
)
async def refresh(context: RequestContext, body: RefreshBody) -> ApiResponse[Renewed]:
    """换取新的访问令牌 · renew the access token by refreshToken, by cookie, or by a valid access token"""
    presented = body.refresh_token or context.request.cookies.get(COOKIE, "")
    if not presented and "Authorization" in context.request.headers:
        token, seconds = context.services.staff.sessions.renew_access(
            await context.request.app[AUTHENTICATOR].authenticated_staff(context.request)
        )
        return ApiResponse(Renewed(token=token, access_token=token, expires_in=seconds))
    done = await context.services.staff.sessions.refresh(presented)
    renewed = Renewed(
        token=done.tokens.access_token,
        access_token=done.tokens.access_token,
        refresh_token=done.tokens.refresh_token if body.refresh_token else None,
        expires_in=done.tokens.expires_in,
    )
    return ApiResponse(renewed, headers={} if body.refresh_token else _cookie(context, done.tokens.refresh_token))


@endpoints.post(
    "/logout",
    access=OWN,
    rate_limit=RateLimit.REFRESH,  # a limit of its own: a client that has used up its quota can still log out
    audit="staff.logout",
    message=Text("登出成功", "Signed out"),
    raises=(SessionEnded,),
    example={},
)
async def logout(context: RequestContext) -> ApiResponse[None]:
    """登出，本次登录立即失效 · sign out; the session ends at once, everywhere"""
    await context.services.staff.sessions.logout(context.staff.id, context.session_id, context.actor)
    return ApiResponse(None, headers=_cookie(context, ""))


@endpoints.get("/me", access=OWN, rate_limit=RateLimit.READ, message=Text("获取用户信息成功", "Your profile"))
async def me(context: RequestContext) -> StaffProfile:
    """本人资料 · your profile"""
    staff = await context.services.staff.administration.find(context.staff.id)
    return await profile_of(context, staff, context.staff)


@endpoints.get("/session", access=OWN, rate_limit=RateLimit.READ, message=Text("获取成功", "Your session"))
async def session(context: RequestContext) -> SessionInfo:
    """当前会话与最近登录 · this session and recent logins"""
    staff = await context.services.staff.administration.find(context.staff.id)
    return SessionInfo(
        user=SessionUser(id=staff.id, username=staff.username, role=context.staff.role, name=staff.name),
        recent_logins=[RecentLogin(**login.model_dump()) for login in staff.recent_logins],
    )


def _cookie(context: RequestContext, token: str) -> dict[str, str]:
    """The cookie with the refresh token, unreadable for scripts; an empty token removes it."""
    seconds = int(REFRESH_LIFETIME.total_seconds()) if token else 0
    secure = "; Secure" if _is_secure(context) else ""
    value = f"{COOKIE}={token}; Max-Age={seconds}; Path={COOKIE_PATH}; HttpOnly; SameSite=Strict{secure}"
    return {"Set-Cookie": value}


def _is_secure(context: RequestContext) -> bool:
    return context.request.app[AUTHENTICATOR].secure_cookies
