"""Log-in of staff in their mini-program: by a bound WeChat identity, first bound by a phone that WeChat verified."""

from typing import Protocol

from domain.audit.model import audit_of
from domain.shared.actor import Actor
from domain.shared.errors import NotAuthenticated, RuleViolated
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict
from domain.shared.text import Text
from domain.staff.model import Staff, WeChatBinding
from domain.staff.ports import StaffRepository
from domain.staff.service import StaffLoggedIn, StaffSessions


class StaffWeChatNotBound(NotAuthenticated):
    code = "STAFF_WECHAT_NOT_BOUND"
    text = Text(
        "该微信尚未绑定员工账号，请授权手机号", "This WeChat account is not bound yet; please share your phone number"
    )


class StaffPhoneUnknown(NotAuthenticated):
    code = "STAFF_PHONE_UNKNOWN"
    text = Text("手机号未注册，请联系管理员", "No staff account has this phone number; ask an administrator")


class StaffMiniprogramOff(RuleViolated):
    code = "STAFF_MINIPROGRAM_OFF"
    text = Text("未配置员工小程序", "The staff mini-program is not configured")


class StaffIdentityProvider(Protocol):
    """WeChat for the staff mini-program."""

    async def identify(self, code: str) -> WeChatBinding:
        """Raises WxCodeInvalid, WxUserRefused, RateLimited, UpstreamFailed; StaffMiniprogramOff without settings."""

    async def phone_of(self, phone_code: str, open_id: str) -> str:
        """The verified number, if the code was issued to `open_id`. Raises PhoneCodeInvalid and as `identify`."""


class StaffWeChatLogin:
    def __init__(
        self,
        wechat: StaffIdentityProvider,
        staff: StaffRepository,
        sessions: StaffSessions,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._wechat = wechat
        self._staff = staff
        self._sessions = sessions
        self._clock = clock
        self._ids = ids

    async def login(self, code: str, phone_code: str | None, actor: Actor) -> StaffLoggedIn:
        """Raises StaffWeChatNotBound without `phone_code` when the identity is new, StaffPhoneUnknown when the verified
        phone does not belong to exactly one active account, StaffSuspended, StaffDisabled, and as the provider."""
        identity = await self._wechat.identify(code)
        staff = await self._staff.find_by_wechat(identity)
        if staff is None:
            if not phone_code:
                raise StaffWeChatNotBound
            phone = await self._wechat.phone_of(phone_code, identity.open_id)
            staff = await retry_on_conflict(lambda: self._bind(phone, identity, actor))
        return await self._sessions.open_session(staff, actor, known_device=True, wechat=True)

    async def _bind(self, phone: str, identity: WeChatBinding, actor: Actor) -> Staff:
        found = await self._staff.find_active_by_phone(phone)
        if len(found) != 1:
            raise StaffPhoneUnknown
        [staff], now = found, self._clock.now()
        bound = {"wechatApp": identity.app_id}
        row = audit_of(self._ids.next_id(), now, staff.as_actor(actor), ("staff", staff.id), {}, bound)
        return await self._staff.save(staff.bound_to(identity, now), [row])
