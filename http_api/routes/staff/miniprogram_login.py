"""The route by which staff log in in their mini-program."""

from typing import Annotated

from pydantic import Field

from domain.shared.errors import UpstreamFailed
from domain.shared.model import Model
from domain.shared.text import Text
from domain.staff.model import StaffDisabled, StaffSuspended
from domain.staff.wechat_login import StaffMiniprogramOff, StaffPhoneUnknown, StaffWeChatNotBound
from domain.users.errors import PhoneCodeInvalid, WxCodeInvalid, WxUserRefused
from domain.users.profile_fields import Absent, WxCode
from http_api.core.access import PUBLIC
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import Ignored
from http_api.routes.staff.authentication import LoggedIn, logged_in_of

endpoints = Endpoints("/api/auth", tag=Text("员工认证", "Staff authentication"))


class MiniprogramLoginBody(Model):
    code: WxCode
    """Of `wx.login`."""
    phone_code: Annotated[WxCode | None, Absent] = Field(None)
    """Of `getPhoneNumber`; needed once, to bind the WeChat identity to the account with this phone."""
    phone: Ignored = None
    """Sent by legacy clients and ignored: a typed number proves nothing."""


@endpoints.post(
    "/miniprogram-login",
    access=PUBLIC,
    rate_limit=RateLimit.LOGIN,
    audit="staff.miniprogram-login",
    message=Text("小程序登录成功", "Signed in"),
    raises=(
        *(StaffWeChatNotBound, StaffPhoneUnknown, StaffMiniprogramOff, StaffSuspended, StaffDisabled),
        *(WxCodeInvalid, PhoneCodeInvalid, WxUserRefused, UpstreamFailed),
    ),
    example={"code": "0a3Xyz", "phoneCode": "9b8Abc"},
)
async def miniprogram_login(context: RequestContext, body: MiniprogramLoginBody) -> LoggedIn:
    """员工小程序登录；首次须授权手机号 · sign in in the staff mini-program; the first time with a verified phone"""
    done = await context.services.staff.wechat.login(body.code, body.phone_code, context.actor)
    return await logged_in_of(context, done)
