"""`/_sim/`, the control API: actions of signers, injected faults, settings and the clock."""

from aiohttp import web
from pydantic import BaseModel, Field

from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.signing_engine import SigningEngine
from integrations.local.simulators.esign.state import Fault, Refusal, SimContract, SimulatorState, may_act
from integrations.local.simulators.http import read_body


class ContractAction(BaseModel):
    """`account` or `order` names the signer; without both it is the next one."""

    account: str = ""
    order: int = 0
    remark: str = ""


class FaultInjection(BaseModel):
    path: str
    times: int = Field(1, ge=1, le=100_000)
    fault: Fault


class ClockAdvance(BaseModel):
    advance_seconds: float = Field(ge=0)


class ControlApi:
    def __init__(self, state: SimulatorState, signing: SigningEngine, callbacks: CallbackSender) -> None:
        self._state = state
        self._signing = signing
        self._callbacks = callbacks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sim/calls", self.count_calls),
            web.get("/_sim/contracts", self.contracts),
            web.post("/_sim/faults", self.inject_faults),
            web.post("/_sim/knobs", self.change_settings),
            web.post("/_sim/clock", self.advance_clock),
            web.post("/_sim/{contract_no}/{action}", self.act_on_contract),
        ]

    async def act_on_contract(self, request: web.Request) -> web.Response:
        body = await read_body(request, ContractAction)
        try:
            contract = self._state.contract(request.match_info["contract_no"])
            match request.match_info["action"]:
                case "sign":
                    self._signing.sign(contract, _account_of(contract, body))
                case "reject":
                    self._signing.reject(contract, _account_of(contract, body), body.remark)
                case "expire":
                    self._signing.expire(contract)
                case "fail":
                    self._signing.fail(contract)
                case "delete":
                    contract.deleted = True
                case _:
                    raise web.HTTPNotFound
        except Refusal as refusal:
            return web.json_response({"code": refusal.code, "msg": refusal.message}, status=409)
        return web.json_response({"status": contract.status})

    async def contracts(self, request: web.Request) -> web.Response:
        contracts = self._state.records.contracts.values()
        return web.json_response([contract.model_dump(mode="json", exclude={"templates"}) for contract in contracts])

    async def inject_faults(self, request: web.Request) -> web.Response:
        injection = await read_body(request, FaultInjection)
        self._state.faults.add(injection.path, injection.fault, injection.times)
        return web.json_response({})

    async def change_settings(self, request: web.Request) -> web.Response:
        changed = {**self._state.settings.model_dump(), **await request.json()}
        self._state.settings = type(self._state.settings).model_validate(changed)
        return web.json_response(self._state.settings.model_dump())

    async def advance_clock(self, request: web.Request) -> web.Response:
        self._state.clock_offset_seconds += (await read_body(request, ClockAdvance)).advance_seconds
        self._signing.expire_due()
        return web.json_response({"now": self._state.now()})

    async def count_calls(self, request: web.Request) -> web.Response:
        return web.json_response({**self._state.calls, "callbacksDelivered": self._callbacks.delivered})


def _account_of(contract: SimContract, action: ContractAction) -> str:
    for signer in contract.signers:
        matches = action.account == signer.account or action.order == signer.sign_order
        if matches or (not action.account and not action.order and may_act(contract, signer)):
            return signer.account
    raise Refusal(100084, "签署方不存在")
