"""WeChat as the provider of identities: who holds the phone, and what its number is."""

from typing import Any

import aiohttp
from redis.asyncio import Redis

from domain.shared.errors import UpstreamFailed
from domain.shared.phone import normalise_phone
from domain.shared.ports import Clock
from domain.users.errors import PhoneCodeInvalid, WxCodeInvalid
from domain.users.identity import WeChatIdentity
from domain.users.ports import IdentityProvider
from integrations.provider_http import Observer, ignore
from integrations.wechat.answers import CODE_USED, DEAD_TOKEN, EXCHANGE, PHONE, WeChatRefused, failure_of
from integrations.wechat.http import WeChatHttp
from integrations.wechat.replay import ReplayCache
from integrations.wechat.tokens import AccessTokenStore

LONGEST_CODE = 256
OLDEST_WATERMARK_SECONDS = 600
HOME_COUNTRY = "86"


def wechat_client(
    session: aiohttp.ClientSession,
    redis: Redis,
    clock: Clock,
    base_url: str,
    app_id: str,
    app_secret: str,
    observe: Observer = ignore,
) -> "WeChatClient":
    """The client with everything it needs."""
    http = WeChatHttp(session, base_url, observe)
    tokens = AccessTokenStore(redis, http, clock, app_id, app_secret)
    return WeChatClient(http, tokens, ReplayCache(redis, app_id), clock, app_id, app_secret)


class WeChatClient(IdentityProvider):
    """The session key that comes with an identity is thrown away: nothing here needs it."""

    def __init__(
        self,
        http: WeChatHttp,
        tokens: AccessTokenStore,
        replays: ReplayCache,
        clock: Clock,
        app_id: str,
        app_secret: str,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._replays = replays
        self._clock = clock
        self._app_id = app_id
        self._app_secret = app_secret

    @property
    def app_id(self) -> str:
        return self._app_id

    async def exchange_code(self, code: str) -> WeChatIdentity:
        """The same code within ten seconds gives the same identity again, so that a client can repeat a lost call."""
        if not _looks_like_a_code(code):
            raise WxCodeInvalid
        if known := await self._replays.recall("login", code):
            return WeChatIdentity.model_validate_json(known)
        try:
            answer = await self._http.get("/sns/jscode2session", self._credentials() | {"js_code": code})
        except WeChatRefused as refused:
            known = await self._replays.await_recall("login", code) if refused.errcode == CODE_USED else None
            if known is None:
                raise failure_of(refused, EXCHANGE, self._clock.now()) from None
            return WeChatIdentity.model_validate_json(known)
        identity = self._identity(answer)
        await self._replays.remember(identity.model_dump_json(by_alias=True), "login", code)
        return identity

    async def phone_number(self, phone_code: str, open_id: str) -> str:
        """Repeated as `exchange_code` is: the retry of a registration carries both codes again."""
        if not _looks_like_a_code(phone_code):
            raise PhoneCodeInvalid
        if known := await self._replays.recall("phone", phone_code, open_id):
            return known
        try:
            answer = await self._with_token("/wxa/business/getuserphonenumber", {"code": phone_code, "openid": open_id})
        except WeChatRefused as refused:
            used = refused.errcode == CODE_USED
            known = await self._replays.await_recall("phone", phone_code, open_id) if used else None
            if known is None:
                raise failure_of(refused, PHONE, self._clock.now()) from None
            return known
        phone = self._verified_phone(answer.get("phone_info"))
        await self._replays.remember(phone, "phone", phone_code, open_id)
        return phone

    async def _with_token(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        """A call that needs our access token. A dead token has used nothing up, so one more try is safe."""
        token = await self._tokens.current()
        try:
            return await self._http.post(path, body, {"access_token": token})
        except WeChatRefused as refused:
            if refused.errcode not in DEAD_TOKEN:
                raise
        await self._tokens.drop(token)
        return await self._http.post(path, body, {"access_token": await self._tokens.current()})

    def _credentials(self) -> dict[str, str]:
        return {"appid": self._app_id, "secret": self._app_secret, "grant_type": "authorization_code"}

    def _identity(self, answer: dict[str, Any]) -> WeChatIdentity:
        open_id, union_id = answer.get("openid"), answer.get("unionid") or ""
        if not isinstance(open_id, str) or not open_id or not isinstance(union_id, str):
            raise UpstreamFailed
        return WeChatIdentity(app_id=self._app_id, open_id=open_id, union_id=union_id)

    def _verified_phone(self, info: Any) -> str:
        """The number, if WeChat says so of our mini-program, just now, and it is a mainland one."""
        try:
            watermark, country, number = info["watermark"], str(info["countryCode"]), info["purePhoneNumber"]
            age = self._clock.now().timestamp() - float(watermark["timestamp"])
            app_id = watermark["appid"]
        except (KeyError, TypeError, ValueError):
            raise UpstreamFailed from None
        if app_id != self._app_id or abs(age) > OLDEST_WATERMARK_SECONDS:
            raise PhoneCodeInvalid(reason="watermark")
        if country != HOME_COUNTRY:
            raise PhoneCodeInvalid(reason="foreign_number")
        try:
            return normalise_phone(str(number))
        except ValueError:
            raise PhoneCodeInvalid(reason="not_mobile") from None


def _looks_like_a_code(code: str) -> bool:
    return 0 < len(code) <= LONGEST_CODE and code.isascii() and code.isprintable()
