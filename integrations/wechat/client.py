"""Adapter of WeChat as identity provider: exchanges login codes for identities, and phone codes for numbers."""

from typing import Any

import aiohttp
from redis.asyncio import Redis

from domain.shared.errors import UpstreamFailed
from domain.shared.phone import normalise_phone
from domain.shared.ports import Clock
from domain.users.errors import PhoneCodeInvalid, WxCodeInvalid
from domain.users.identity import WeChatIdentity
from domain.users.ports import IdentityProvider
from integrations.provider_http import Observer, no_observer
from integrations.wechat.code_answers import CodeAnswerCache
from integrations.wechat.error_codes import (
    CODE_USED,
    EXCHANGE_ERRORS,
    INVALID_TOKEN,
    PHONE_ERRORS,
    WeChatRefused,
    domain_error_for,
)
from integrations.wechat.http import WeChatHttp
from integrations.wechat.tokens import AccessTokenStore

MAX_CODE_LENGTH = 256
MAX_WATERMARK_AGE_SECONDS = 600
HOME_COUNTRY = "86"


def wechat_client(
    session: aiohttp.ClientSession,
    redis: Redis,
    clock: Clock,
    base_url: str,
    app_id: str,
    app_secret: str,
    observe: Observer = no_observer,
) -> "WeChatClient":
    """Builds the client with its token store and its cache of code answers."""
    http = WeChatHttp(session, base_url, observe)
    tokens = AccessTokenStore(redis, http, clock, app_id, app_secret)
    return WeChatClient(http, tokens, CodeAnswerCache(redis, app_id), clock, app_id, app_secret)


class WeChatClient(IdentityProvider):
    """The session key that WeChat sends with an identity is discarded: nothing needs it."""

    def __init__(
        self,
        http: WeChatHttp,
        tokens: AccessTokenStore,
        code_answers: CodeAnswerCache,
        clock: Clock,
        app_id: str,
        app_secret: str,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._code_answers = code_answers
        self._clock = clock
        self._app_id = app_id
        self._app_secret = app_secret

    @property
    def app_id(self) -> str:
        return self._app_id

    async def exchange_code(self, code: str) -> WeChatIdentity:
        """The same code gives the same identity for ten seconds, so that a client can repeat a lost call."""
        if not _is_code(code):
            raise WxCodeInvalid
        if known := await self._code_answers.get("login", code):
            return WeChatIdentity.model_validate_json(known)
        try:
            answer = await self._http.get("/sns/jscode2session", self._app_credentials() | {"js_code": code})
        except WeChatRefused as refused:
            known = await self._code_answers.wait_for("login", code) if refused.errcode == CODE_USED else None
            if known is None:
                raise domain_error_for(refused, EXCHANGE_ERRORS, self._clock.now()) from None
            return WeChatIdentity.model_validate_json(known)
        identity = self._identity(answer)
        await self._code_answers.store(identity.model_dump_json(by_alias=True), "login", code)
        return identity

    async def phone_number(self, phone_code: str, open_id: str) -> str:
        """Repeatable like `exchange_code`: the retry of a registration sends both codes again."""
        if not _is_code(phone_code):
            raise PhoneCodeInvalid
        if known := await self._code_answers.get("phone", phone_code, open_id):
            return known
        try:
            answer = await self._with_token("/wxa/business/getuserphonenumber", {"code": phone_code, "openid": open_id})
        except WeChatRefused as refused:
            used = refused.errcode == CODE_USED
            known = await self._code_answers.wait_for("phone", phone_code, open_id) if used else None
            if known is None:
                raise domain_error_for(refused, PHONE_ERRORS, self._clock.now()) from None
            return known
        phone = self._verified_phone(answer.get("phone_info"))
        await self._code_answers.store(phone, "phone", phone_code, open_id)
        return phone

    async def _with_token(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        """A call with our access token. WeChat uses up no code when the token is invalid, so one retry is safe."""
        token = await self._tokens.current()
        try:
            return await self._http.post(path, body, {"access_token": token})
        except WeChatRefused as refused:
            if refused.errcode not in INVALID_TOKEN:
                raise
        await self._tokens.invalidate(token)
        return await self._http.post(path, body, {"access_token": await self._tokens.current()})

    def _app_credentials(self) -> dict[str, str]:
        return {"appid": self._app_id, "secret": self._app_secret, "grant_type": "authorization_code"}

    def _identity(self, answer: dict[str, Any]) -> WeChatIdentity:
        open_id, union_id = answer.get("openid"), answer.get("unionid") or ""
        if not isinstance(open_id, str) or not open_id or not isinstance(union_id, str):
            raise UpstreamFailed
        return WeChatIdentity(app_id=self._app_id, open_id=open_id, union_id=union_id)

    def _verified_phone(self, info: Any) -> str:
        """The number of a recent answer to our mini-program, if it is a mainland mobile number."""
        try:
            watermark, country, number = info["watermark"], str(info["countryCode"]), info["purePhoneNumber"]
            age = self._clock.now().timestamp() - float(watermark["timestamp"])
            app_id = watermark["appid"]
        except (KeyError, TypeError, ValueError):
            raise UpstreamFailed from None
        if app_id != self._app_id or abs(age) > MAX_WATERMARK_AGE_SECONDS:
            raise PhoneCodeInvalid(reason="watermark")
        if country != HOME_COUNTRY:
            raise PhoneCodeInvalid(reason="foreign_number")
        try:
            return normalise_phone(str(number))
        except ValueError:
            raise PhoneCodeInvalid(reason="not_mobile") from None


def _is_code(code: str) -> bool:
    return 0 < len(code) <= MAX_CODE_LENGTH and code.isascii() and code.isprintable()
