"""Routes of a mini-program user's own account: profile, phone, password."""

from typing import Annotated

from domain.shared.credentials import NewPassword, PresentedPassword, UsernameTaken
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.model import JsonBool, Model
from domain.shared.password_strength import WeakPassword
from domain.shared.phone import Phone
from domain.shared.text import Text
from domain.users.errors import (
    NotYourAccount,
    OldPasswordWrong,
    PasswordProofRequired,
    PhoneBound,
    PhoneCodeInvalid,
    PhoneCodeRequired,
    PhoneNotYours,
    UsernameFixed,
    UsernameRequired,
    UserNotFound,
)
from domain.users.login.identity_verification import Claim
from domain.users.profile_fields import Absent, OpenId, Username, WeChatProfileFields, WxCode
from http_api.core.access import MiniProgramUser
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import USER_ERRORS
from http_api.routes.users.answers import PREFIX, TAG, InfoAnswer, OwnAnswer

endpoints = Endpoints(PREFIX, tag=TAG)

OWN = (*USER_ERRORS, UserNotFound)
WECHAT_PHONE = (PhoneCodeInvalid, UpstreamFailed, UpstreamTimedOut)


class InfoQuery(Model):
    openid: OpenId | None = None
    """Sent by legacy clients; must belong to the session's account."""


class UpdateBody(WeChatProfileFields):
    openid: Annotated[OpenId | None, Absent] = None
    """Sent by legacy clients; must belong to the session's account."""
    phone: Annotated[Phone | None, Absent] = None
    phone_code: Annotated[WxCode | None, Absent] = None

    def claim(self) -> Claim:
        return Claim(openid=self.openid or "", phone=self.phone or "", phone_code=self.phone_code or "")


class BindPhoneBody(Model):
    phone_code: Annotated[WxCode | None, Absent] = None
    phone: Annotated[Phone | None, Absent] = None
    """Accepted in development only."""
    confirm_rebind: JsonBool = False
    """Take the number from the account that has it now; needs a phoneCode."""

    def claim(self) -> Claim:
        return Claim(phone=self.phone or "", phone_code=self.phone_code or "")


class PasswordBody(Model):
    new_password: NewPassword
    old_password: Annotated[PresentedPassword | None, Absent] = None
    phone_code: Annotated[WxCode | None, Absent] = None
    username: Annotated[Username | None, Absent] = None


@endpoints.get(
    "/info",
    access=MiniProgramUser(),
    rate_limit=RateLimit.READ,
    message=Text("查询成功", "Found"),
    raises=(*OWN, NotYourAccount),
)
async def info(context: RequestContext, query: InfoQuery) -> InfoAnswer:
    """本人账号 · your own account, with your role"""
    users = context.services.users
    account = await users.profiles.info(context.actor.id, query.openid or "")
    return InfoAnswer.of(account, users.administration.now())


@endpoints.patch(
    "/update-profile",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.update-profile",
    message=Text("更新成功", "Updated"),
    raises=(*OWN, *WECHAT_PHONE, NotYourAccount, PhoneBound),
    example={"nickname": "小王", "province": "广东", "city": "深圳"},
)
async def update_profile(context: RequestContext, body: UpdateBody) -> OwnAnswer:
    """修改本人资料；传空值即清除 · change your profile; an empty value removes a field"""
    users = context.services.users
    account = await users.profiles.update(context.actor.id, body, body.claim(), context.actor, context.from_machine)
    return OwnAnswer.of(account, users.administration.now())


@endpoints.post(
    "/phone/bind",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.bind-phone",
    message=Text("绑定成功", "Phone bound"),
    raises=(*OWN, *WECHAT_PHONE, PhoneCodeRequired, PhoneBound),
    example={"phoneCode": "5f6a7b8c9d", "confirmRebind": False},
)
async def bind_phone(context: RequestContext, body: BindPhoneBody) -> OwnAnswer:
    """绑定手机号；号码已绑定他人时可确认换绑 · bind your phone; confirm to take it over from another account"""
    users = context.services.users
    account = await users.profiles.bind_phone(
        context.actor.id, body.claim(), body.confirm_rebind, context.actor, context.from_machine
    )
    return OwnAnswer.of(account, users.administration.now())


@endpoints.post(
    "/phone/unbind",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.unbind-own-phone",
    message=Text("解绑成功", "Phone unbound"),
    raises=OWN,
    example={},
)
async def unbind_phone(context: RequestContext) -> OwnAnswer:
    """解绑手机号 · unbind your phone"""
    users = context.services.users
    return OwnAnswer.of(await users.profiles.unbind_phone(context.actor.id, context.actor), users.administration.now())


@endpoints.post(
    "/password",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.set-password",
    message=Text("密码已设置，其他设备已登出", "Password set; your other devices were signed out"),
    raises=(
        *(*OWN, *WECHAT_PHONE, PasswordProofRequired, OldPasswordWrong, PhoneNotYours),
        *(WeakPassword, UsernameRequired, UsernameTaken, UsernameFixed),
    ),
    example={"newPassword": "correct horse", "username": "wang_xiaoming"},
)
async def set_password(context: RequestContext, body: PasswordBody) -> None:
    """设置或修改密码 · set or change your password"""
    await context.services.users.profiles.set_password(
        user_id=context.actor.id,
        session_id=context.session_id,
        new_password=body.new_password,
        old_password=body.old_password or "",
        claim=Claim(phone_code=body.phone_code or ""),
        username=body.username or "",
        actor=context.actor,
    )
