"""`/__sim__/`: what happens on the phone, and what a test wants to go wrong."""

from collections import deque
from typing import TypeVar

from aiohttp import web
from pydantic import Field, ValidationError

from domain.shared.model import Model
from integrations.local.simulators.wechat.world import CODE_LIFETIME, Code, Fault, World

Content = TypeVar("Content", bound=Model)


class OpenedProgram(Model):
    """Somebody opens the mini-program, whose page calls `wx.login`. An empty `appId` is the only one there is."""

    person: str = Field(min_length=1, max_length=100)
    app_id: str = ""


class SharedPhone(OpenedProgram):
    """Somebody allows the mini-program to have the phone number of the WeChat account."""

    phone: str = Field(max_length=20)
    country_code: str | int = "86"


class Risk(Model):
    person: str
    risky: bool


class Script(Model):
    """The next `times` calls of `path` meet this."""

    path: str
    times: int = Field(1, ge=1, le=1000)
    errcode: int | None = None
    status: int = 200
    body: str | None = None
    delay_seconds: float = Field(0, ge=0, le=60)


class Leap(Model):
    advance_seconds: float = Field(ge=0)


class AdminCalls:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/__sim__/codes", self.mint_login_code),
            web.post("/__sim__/phone-codes", self.mint_phone_code),
            web.post("/__sim__/risk", self.set_risk),
            web.post("/__sim__/faults", self.script),
            web.post("/__sim__/clock", self.advance_clock),
            web.post("/__sim__/tokens/kill", self.kill_tokens),
            web.get("/__sim__/calls", self.count_calls),
        ]

    async def mint_login_code(self, request: web.Request) -> web.Response:
        opened = await _read(request, OpenedProgram)
        app_id = self._app_id(opened.app_id)
        code = self._world.mint(self._world.login_codes, Code(app_id, opened.person, self._expiry()))
        return web.json_response(
            {
                "code": code,
                "openid": self._world.open_id(app_id, opened.person),
                "unionid": self._world.union_id(app_id, opened.person),
            }
        )

    async def mint_phone_code(self, request: web.Request) -> web.Response:
        shared = await _read(request, SharedPhone)
        code = Code(
            self._app_id(shared.app_id),
            shared.person,
            self._expiry(),
            phone=shared.phone,
            country_code=shared.country_code,
        )
        return web.json_response({"code": self._world.mint(self._world.phone_codes, code)})

    async def set_risk(self, request: web.Request) -> web.Response:
        risk = await _read(request, Risk)
        (self._world.risky.add if risk.risky else self._world.risky.discard)(risk.person)
        return web.json_response({})

    async def script(self, request: web.Request) -> web.Response:
        script = await _read(request, Script)
        fault = Fault(script.errcode, script.status, script.body, script.delay_seconds)
        self._world.faults.setdefault(script.path, deque()).extend([fault] * script.times)
        return web.json_response({})

    async def advance_clock(self, request: web.Request) -> web.Response:
        self._world.ahead_seconds += (await _read(request, Leap)).advance_seconds
        return web.json_response({"now": self._world.now()})

    async def kill_tokens(self, request: web.Request) -> web.Response:
        for desk in self._world.desks.values():
            desk.kill(self._world.now())
        return web.json_response({})

    async def count_calls(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._world.calls))

    def _app_id(self, wanted: str) -> str:
        app_id = wanted or next(iter(self._world.programs))
        if app_id not in self._world.programs:
            raise web.HTTPNotFound(text="no such mini-program")
        return app_id

    def _expiry(self) -> float:
        return self._world.now() + CODE_LIFETIME


async def _read(request: web.Request, model: type[Content]) -> Content:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
