"""What the mini-program users' area needs from outside."""

from typing import Protocol

from domain.sessions.tokens import AccessClaims
from domain.shared.errors import NotAuthenticated, PermissionDenied
from domain.shared.model import Model
from domain.shared.text import Text


class WxCodeInvalid(NotAuthenticated):
    code = "WX_CODE_INVALID"
    text = Text("微信登录凭证无效或已过期，请重试", "The WeChat code is invalid or expired; please try again")


class PhoneCodeInvalid(NotAuthenticated):
    code = "PHONE_CODE_INVALID"
    text = Text("手机号授权已失效，请重新授权", "The phone authorisation is invalid or expired; please authorise again")


class WxUserRefused(PermissionDenied):
    code = "WX_USER_REFUSED"
    text = Text("微信判定该账号存在风险，暂不能登录", "WeChat considers this account a risk; sign-in refused")


class WeChatIdentity(Model):
    """Who WeChat says is holding the phone. `union_id` is empty unless the app belongs to an open-platform account."""

    app_id: str
    open_id: str
    union_id: str = ""


class IdentityProvider(Protocol):
    @property
    def app_id(self) -> str:
        """The AppID that a raw openid (development only) belongs to."""

    async def exchange_code(self, code: str) -> WeChatIdentity:
        """Whom `wx.login`'s code stands for. A code counts once.

        Raises WxCodeInvalid, WxUserRefused, RateLimited, UpstreamFailed, UpstreamTimedOut.
        """

    async def phone_number(self, phone_code: str, open_id: str) -> str:
        """The verified mainland number (11 digits) behind `getPhoneNumber`'s code, if it was issued to `open_id`.

        Raises PhoneCodeInvalid, RateLimited, UpstreamFailed, UpstreamTimedOut.
        """


class Region(Model):
    """Normalised names; empty when unknown."""

    province: str = ""
    city: str = ""


class RegionFinder(Protocol):
    def region_of(self, address: str) -> Region | None:
        """Where an IP address is registered; None for private, foreign, malformed or unknown ones. Offline."""


class UserAccess(Protocol):
    async def require_session(self, claims: AccessClaims) -> None:
        """Raises SessionEnded or UserBlocked when the bearer of a verified token may not use the account any more."""
