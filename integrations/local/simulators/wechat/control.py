"""`/__sim__/`, the control API: codes that a phone would get, injected faults, and the clock."""

from aiohttp import web
from pydantic import Field

from domain.shared.model import Model
from integrations.local.simulators.http import read_body
from integrations.local.simulators.wechat.state import CODE_LIFETIME_SECONDS, Code, Fault, SimulatorState


class LoginCodeRequest(Model):
    """A person opens the mini-program, whose page calls `wx.login`. An empty `appId` means the first mini-program."""

    person: str = Field(min_length=1, max_length=100)
    app_id: str = ""


class PhoneCodeRequest(LoginCodeRequest):
    """A person shares the phone number of the WeChat account with the mini-program."""

    phone: str = Field(max_length=20)
    country_code: str | int = "86"


class RiskFlag(Model):
    person: str
    risky: bool


class FaultInjection(Model):
    """The fault that the next `times` calls of `path` meet."""

    path: str
    times: int = Field(1, ge=1, le=1000)
    errcode: int | None = None
    status: int = 200
    body: str | None = None
    delay_seconds: float = Field(0, ge=0, le=60)


class ClockAdvance(Model):
    advance_seconds: float = Field(ge=0)


class ControlApi:
    def __init__(self, state: SimulatorState) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/__sim__/codes", self.mint_login_code),
            web.post("/__sim__/phone-codes", self.mint_phone_code),
            web.post("/__sim__/risk", self.set_risk),
            web.post("/__sim__/faults", self.inject_faults),
            web.post("/__sim__/clock", self.advance_clock),
            web.post("/__sim__/tokens/kill", self.revoke_tokens),
            web.get("/__sim__/calls", self.count_calls),
        ]

    async def mint_login_code(self, request: web.Request) -> web.Response:
        opened = await read_body(request, LoginCodeRequest)
        app_id = self._app_id(opened.app_id)
        code = self._state.mint(self._state.login_codes, Code(app_id, opened.person, self._expiry()))
        return web.json_response(
            {
                "code": code,
                "openid": self._state.open_id(app_id, opened.person),
                "unionid": self._state.union_id(app_id, opened.person),
            }
        )

    async def mint_phone_code(self, request: web.Request) -> web.Response:
        shared = await read_body(request, PhoneCodeRequest)
        code = Code(
            self._app_id(shared.app_id),
            shared.person,
            self._expiry(),
            phone=shared.phone,
            country_code=shared.country_code,
        )
        return web.json_response({"code": self._state.mint(self._state.phone_codes, code)})

    async def set_risk(self, request: web.Request) -> web.Response:
        risk = await read_body(request, RiskFlag)
        (self._state.risky.add if risk.risky else self._state.risky.discard)(risk.person)
        return web.json_response({})

    async def inject_faults(self, request: web.Request) -> web.Response:
        injection = await read_body(request, FaultInjection)
        fault = Fault(injection.errcode, injection.status, injection.body, injection.delay_seconds)
        self._state.faults.add(injection.path, fault, injection.times)
        return web.json_response({})

    async def advance_clock(self, request: web.Request) -> web.Response:
        self._state.clock_offset_seconds += (await read_body(request, ClockAdvance)).advance_seconds
        return web.json_response({"now": self._state.now()})

    async def revoke_tokens(self, request: web.Request) -> web.Response:
        for issuer in self._state.token_issuers.values():
            issuer.revoke_all(self._state.now())
        return web.json_response({})

    async def count_calls(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._state.calls))

    def _app_id(self, requested: str) -> str:
        app_id = requested or next(iter(self._state.programs))
        if app_id not in self._state.programs:
            raise web.HTTPNotFound(text="no such mini-program")
        return app_id

    def _expiry(self) -> float:
        return self._state.now() + CODE_LIFETIME_SECONDS
