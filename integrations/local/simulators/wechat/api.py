"""The endpoints of api.weixin.qq.com that the product calls."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from aiohttp import web

from integrations.local.simulators.wechat.access_tokens import app_id_of_token
from integrations.local.simulators.wechat.errors import Refusal, missing_parameter
from integrations.local.simulators.wechat.state import SimulatorState

Response = dict[str, object]


class WeChatApi:
    def __init__(self, state: SimulatorState) -> None:
        self._state = state

    async def code_to_session(self, request: web.Request) -> Response:
        """登录凭证校验: the openid of the person who opened the mini-program. A success has no errcode."""
        query = _query_of(request, "GET")
        program = self._state.program(query.get("appid", ""), query.get("secret", ""))
        if query.get("grant_type") != "authorization_code":
            raise Refusal(40002, "invalid grant_type")
        code = self._state.redeem(self._state.login_codes, query.get("js_code", ""), program.app_id)
        if code.person in self._state.risky:
            raise Refusal(40226, "code blocked")
        code.used = True
        open_id = self._state.open_id(program.app_id, code.person)
        session_key = base64.b64encode(secrets.token_bytes(16)).decode()
        self._state.session_keys[program.app_id, open_id] = session_key
        union_id = self._state.union_id(program.app_id, code.person)
        return {"session_key": session_key, "openid": open_id, **({"unionid": union_id} if union_id else {})}

    async def token(self, request: web.Request) -> Response:
        query = _query_of(request, "GET")
        if query.get("grant_type") != "client_credential":
            raise Refusal(40002, "invalid grant_type")
        program = self._state.program(query.get("appid", ""), query.get("secret", ""))
        return self._state.token_issuers[program.app_id].legacy(self._state.now())

    async def stable_token(self, request: web.Request) -> Response:
        body = await _body_of(request)
        if body.get("grant_type") != "client_credential":
            raise Refusal(40002, "invalid grant_type")
        program = self._state.program(_text(body, "appid"), _text(body, "secret"))
        return self._state.token_issuers[program.app_id].stable(self._state.now(), body.get("force_refresh") is True)

    async def phone_number(self, request: web.Request) -> Response:
        """手机号快速验证: the number for a code of the getPhoneNumber button."""
        app_id = app_id_of_token(self._state.token_issuers, request.query.get("access_token", ""), self._state.now())
        body = await _body_of(request)
        code = self._state.redeem(self._state.phone_codes, _text(body, "code"), app_id)
        open_id = _text(body, "openid")
        if open_id and open_id != self._state.open_id(app_id, code.person):
            raise Refusal(40003, "invalid openid")
        code.used = True
        prefix = "" if str(code.country_code) == "86" else f"+{code.country_code}"
        phone = {
            "phoneNumber": prefix + code.phone,
            "purePhoneNumber": code.phone,
            "countryCode": code.country_code,
            "watermark": {"timestamp": int(self._state.now()), "appid": app_id},
        }
        return {"errcode": 0, "errmsg": "ok", "phone_info": phone}

    async def check_session(self, request: web.Request) -> Response:
        query = _query_of(request, "GET")
        app_id = app_id_of_token(self._state.token_issuers, query.get("access_token", ""), self._state.now())
        if query.get("sig_method") != "hmac_sha256":
            raise Refusal(87009, "invalid signature")
        session_key = self._state.session_keys.get((app_id, query.get("openid", "")))
        if session_key is None:
            raise Refusal(40003, "invalid openid")
        expected = hmac.new(base64.b64decode(session_key), b"", hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), query.get("signature", "").encode()):
            raise Refusal(87009, "invalid signature")
        return {"errcode": 0, "errmsg": "ok"}


def _query_of(request: web.Request, method: str) -> dict[str, str]:
    if request.method != method:
        raise Refusal(43001, f"require {method} method")
    return dict(request.query)


async def _body_of(request: web.Request) -> dict[str, Any]:
    if request.method != "POST":
        raise Refusal(43002, "require POST method")
    raw = await request.read()
    if not raw:
        raise Refusal(44002, "empty post data")
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise missing_parameter(47001, name)
    return value
