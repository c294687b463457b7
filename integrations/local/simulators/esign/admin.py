"""`/_sim/`: what people do with their contracts, and what a test wants to go wrong; and the pages where people sign."""

from collections import deque
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.paper import message_page, preview_page, sign_page
from integrations.local.simulators.esign.signing import Desk
from integrations.local.simulators.esign.world import Fault, Refusal, SimContract, SimSigner, World, may_act

Content = TypeVar("Content", bound=BaseModel)


class Deed(BaseModel):
    """`account` or `order` says who; neither: whose turn it is."""

    account: str = ""
    order: int = 0
    remark: str = ""


class Script(BaseModel):
    path: str
    times: int = Field(1, ge=1, le=100_000)
    fault: Fault


class Leap(BaseModel):
    advance_seconds: float = Field(ge=0)


class Pages:
    def __init__(self, world: World, desk: Desk) -> None:
        self._world = world
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/s/{token}", self.show),
            web.post("/s/{token}", self.act),
            web.get("/preview/{contract_no}", self.preview),
        ]

    async def show(self, request: web.Request) -> web.Response:
        contract, signer = self._of(request)
        return _html(sign_page(contract, signer))

    async def act(self, request: web.Request) -> web.Response:
        contract, signer = self._of(request)
        form = await request.post()
        try:
            if form.get("action") == "reject":
                self._desk.reject(contract, signer.account, str(form.get("remark", ""))[:50])
                done = "已拒绝签署"
            else:
                self._desk.sign(contract, signer.account)
                done = "签署成功"
        except Refusal as refusal:
            return _html(message_page(refusal.message), 409)
        if contract.redirect_url:
            raise web.HTTPFound(contract.redirect_url)
        return _html(message_page(done))

    async def preview(self, request: web.Request) -> web.Response:
        contract = self._world.memory.contracts.get(request.match_info["contract_no"])
        return _html(preview_page(contract)) if contract else _html(message_page("合同不存在"), 404)

    def _of(self, request: web.Request) -> tuple[SimContract, SimSigner]:
        found = self._world.find_token(request.match_info["token"])
        if found is None or found[1].token_expires_at <= self._world.now() or not may_act(*found):
            raise web.HTTPGone(text=message_page("链接已失效，请重新获取"), content_type="text/html")
        return found


class AdminCalls:
    def __init__(self, world: World, desk: Desk, callbacks: CallbackSender) -> None:
        self._world = world
        self._desk = desk
        self._callbacks = callbacks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sim/calls", self.count_calls),
            web.get("/_sim/contracts", self.contracts),
            web.post("/_sim/faults", self.script),
            web.post("/_sim/knobs", self.turn_knobs),
            web.post("/_sim/clock", self.advance_clock),
            web.post("/_sim/{contract_no}/{deed}", self.do),
        ]

    async def do(self, request: web.Request) -> web.Response:
        body = await _read(request, Deed)
        try:
            contract = self._world.contract(request.match_info["contract_no"])
            match request.match_info["deed"]:
                case "sign":
                    self._desk.sign(contract, _who(contract, body))
                case "reject":
                    self._desk.reject(contract, _who(contract, body), body.remark)
                case "expire":
                    self._desk.expire(contract)
                case "fail":
                    self._desk.fail(contract)
                case "delete":
                    contract.deleted = True
                case _:
                    raise web.HTTPNotFound
        except Refusal as refusal:
            return web.json_response({"code": refusal.code, "msg": refusal.message}, status=409)
        return web.json_response({"status": contract.status})

    async def contracts(self, request: web.Request) -> web.Response:
        found = self._world.memory.contracts.values()
        return web.json_response([contract.model_dump(mode="json", exclude={"templates"}) for contract in found])

    async def script(self, request: web.Request) -> web.Response:
        script = await _read(request, Script)
        self._world.faults.setdefault(script.path, deque()).extend([script.fault] * script.times)
        return web.json_response({})

    async def turn_knobs(self, request: web.Request) -> web.Response:
        changed = {**self._world.knobs.model_dump(), **await request.json()}
        self._world.knobs = type(self._world.knobs).model_validate(changed)
        return web.json_response(self._world.knobs.model_dump())

    async def advance_clock(self, request: web.Request) -> web.Response:
        self._world.ahead_seconds += (await _read(request, Leap)).advance_seconds
        self._desk.expire_due()
        return web.json_response({"now": self._world.now()})

    async def count_calls(self, request: web.Request) -> web.Response:
        return web.json_response({**self._world.calls, "callbacksDelivered": self._callbacks.delivered})


def _who(contract: SimContract, deed: Deed) -> str:
    for signer in contract.signers:
        wanted = deed.account == signer.account or deed.order == signer.sign_order
        if wanted or (not deed.account and not deed.order and may_act(contract, signer)):
            return signer.account
    raise Refusal(100084, "签署方不存在")


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")


async def _read(request: web.Request, model: type[Content]) -> Content:
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
