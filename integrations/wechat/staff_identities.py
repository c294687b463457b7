"""WeChat for the staff mini-program, which has an app id of its own."""

from domain.staff.model import WeChatBinding
from domain.staff.wechat_login import StaffIdentityProvider, StaffMiniprogramOff
from integrations.wechat.client import WeChatClient


class StaffWeChat(StaffIdentityProvider):
    def __init__(self, client: WeChatClient | None) -> None:
        """None: the mini-program is not configured."""
        self._client = client

    async def identify(self, code: str) -> WeChatBinding:
        found = await self._configured.exchange_code(code)
        return WeChatBinding(app_id=found.app_id, open_id=found.open_id)

    async def phone_of(self, phone_code: str, open_id: str) -> str:
        return await self._configured.phone_number(phone_code, open_id)

    @property
    def _configured(self) -> WeChatClient:
        if self._client is None:
            raise StaffMiniprogramOff
        return self._client
