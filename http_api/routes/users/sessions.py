"""Routes for registration, login, refresh and logout of mini-program users."""

from typing import Annotated

from pydantic import StringConstraints

from domain.sessions.model import SessionEnded
from domain.sessions.tokens import SessionTokens
from domain.shared.credentials import NewPassword, PresentedPassword, UsernameTaken
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.model import Model
from domain.shared.password_strength import WeakPassword
from domain.shared.phone import Phone
from domain.shared.plain_text import PRINTABLE_ASCII, one_line
from domain.shared.text import Text
from domain.users.errors import (
    IdentityConflict,
    PhoneBound,
    PhoneCodeInvalid,
    UserBlocked,
    UsernameFixed,
    UserNotRegistered,
    WrongPassword,
    WxCodeInvalid,
    WxCodeRequired,
    WxUserRefused,
)
from domain.users.login.completion import LoggedIn
from domain.users.login.identity_verification import Claim
from domain.users.login.service import REGISTER_ACTION, SignUp
from domain.users.profile_fields import Absent, OpenId, Username, WeChatProfileFields, WxCode
from http_api.core.access import PUBLIC, MiniProgramUser
from http_api.core.endpoint import ApiResponse, Endpoints, RequestContext
from http_api.core.known_devices import device_header, presented_device
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import USER_ERRORS
from http_api.routes.users.answers import PREFIX, TAG, LoginAnswer

endpoints = Endpoints(PREFIX, tag=TAG)

JOURNALED = "every attempt, successful or not, is a row of the login log"
LOGGED_IN = Text("登录成功", "Signed in")
ACCOUNT_CREATED = Text("首次登录，已创建用户", "First log-in: the account was created")

WECHAT_FAILURES = (WxCodeRequired, WxCodeInvalid, PhoneCodeInvalid, WxUserRefused, UpstreamFailed, UpstreamTimedOut)


class ClaimFields(WeChatProfileFields):
    """`code` and `phoneCode` are verified with WeChat.

    A bare `openid` or `phone` is accepted in development and from our own machines only.
    """

    code: Annotated[WxCode | None, Absent] = None
    phone_code: Annotated[WxCode | None, Absent] = None
    openid: Annotated[OpenId | None, Absent] = None
    phone: Annotated[Phone | None, Absent] = None

    def claim(self) -> Claim:
        return Claim(
            code=self.code or "",
            phone_code=self.phone_code or "",
            openid=self.openid or "",
            phone=self.phone or "",
        )


class LoginBody(ClaimFields):
    pass


class RegisterBody(ClaimFields):
    username: Annotated[Username | None, Absent] = None
    password: Annotated[NewPassword | None, Absent] = None
    unionid: Annotated[OpenId | None, Absent] = None
    """Sent by legacy clients and ignored: a unionid comes from WeChat's server only."""


class PasswordLoginBody(Model):
    username: Annotated[str, one_line(64, required=True)]
    password: PresentedPassword


class RefreshBody(Model):
    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=PRINTABLE_ASCII)]


@endpoints.post(
    "/register",
    access=PUBLIC,
    rate_limit=RateLimit.REGISTER,
    audit=REGISTER_ACTION,
    message=Text("注册成功", "Registered"),
    raises=(
        *WECHAT_FAILURES,
        UserNotRegistered,
        UserBlocked,
        PhoneBound,
        UsernameTaken,
        UsernameFixed,
        WeakPassword,
        IdentityConflict,
    ),
    statuses=(200, 201),
    example={"code": "0a1b2c3d4e", "phoneCode": "5f6a7b8c9d", "nickname": "小王", "province": "广东", "city": "深圳"},
)
async def register(context: RequestContext, body: RegisterBody) -> ApiResponse[LoginAnswer]:
    """注册（已注册则更新资料并登录）· register; a known user is updated and logged in"""
    sign_up = SignUp(username=body.username or "", password=body.password or "")
    done = await context.services.users.logins.register(
        body.claim(), body, sign_up, context.actor, context.from_machine
    )
    return _logged_in(context, done)


@endpoints.post(
    "/login",
    access=PUBLIC,
    rate_limit=RateLimit.LOGIN,
    unaudited=JOURNALED,
    message=LOGGED_IN,
    raises=(*WECHAT_FAILURES, UserNotRegistered, UserBlocked, PhoneBound, IdentityConflict),
    statuses=(200, 201),
    example={"code": "0a1b2c3d4e"},
)
async def login(context: RequestContext, body: LoginBody) -> ApiResponse[LoginAnswer]:
    """微信登录，首次登录自动创建账号 · log in by WeChat; the first login creates the account"""
    done = await context.services.users.logins.login(body.claim(), body, context.actor, context.from_machine)
    return _logged_in(context, done, ACCOUNT_CREATED if done.is_new else None)


@endpoints.post(
    "/login-with-password",
    access=PUBLIC,
    rate_limit=RateLimit.LOGIN,
    unaudited=JOURNALED,
    message=LOGGED_IN,
    raises=(WrongPassword, UserBlocked),
    example={"username": "wang_xiaoming", "password": "correct horse"},
)
async def login_with_password(context: RequestContext, body: PasswordLoginBody) -> ApiResponse[LoginAnswer]:
    """账号密码登录 · log in with account and password"""
    device = presented_device(context)
    done = await context.services.users.passwords.login(body.username, body.password, context.actor, device)
    return _logged_in(context, done)


@endpoints.post(
    "/refresh",
    access=PUBLIC,
    rate_limit=RateLimit.REFRESH,
    unaudited=JOURNALED,
    message=Text("刷新成功", "Renewed"),
    raises=(SessionEnded, UserBlocked),
    example={"refreshToken": "65f0c1d2e3a4b5c6d7e8f901.65f0c1d2e3a4b5c6d7e8f902.secret"},
)
async def refresh(context: RequestContext, body: RefreshBody) -> SessionTokens:
    """换取新令牌，旧的 refreshToken 随即失效 · renew the tokens; the refresh token sent becomes invalid"""
    return await context.services.users.sessions.refresh(body.refresh_token, context.actor)


@endpoints.post(
    "/logout",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.logout",
    message=Text("登出成功", "Signed out"),
    raises=USER_ERRORS,
    example={},
)
async def logout(context: RequestContext) -> None:
    """登出，本次登录立即失效 · sign out; the session ends at once"""
    await context.services.users.sessions.logout(context.actor.id, context.session_id, context.actor)


def _logged_in(context: RequestContext, done: LoggedIn, message: Text | None = None) -> ApiResponse[LoginAnswer]:
    # Without an account name there is no log-in by password, for which devices are known.
    headers = device_header(context, context.services.users.devices, done.user.id) if done.user.username else {}
    return ApiResponse(LoginAnswer.by(done), 201 if done.is_new else 200, message, headers)
