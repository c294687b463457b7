"""`/__sim__/`, the control API: injected faults, the clock, and the cards on pictures."""

from aiohttp import web
from pydantic import Field

from domain.shared.model import Model
from integrations.local.simulators.http import read_body
from integrations.local.simulators.tencent.state import Fault, SimulatorState


class FaultInjection(Model):
    """The fault that the next `times` calls of an operation (`PutObject`, `IDCardOCR` …) meet."""

    operation: str
    times: int = Field(1, ge=1, le=1000)
    code: str = ""
    status: int = 503
    delay_seconds: float = Field(0, ge=0, le=60)
    lose_answer: bool = False


class CardOnPicture(Model):
    """The fields that the provider reads from the picture with this SHA-256."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    fields: dict[str, str]


class ClockAdvance(Model):
    advance_seconds: float


class ControlApi:
    def __init__(self, state: SimulatorState) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/__sim__/faults", self.inject_faults),
            web.post("/__sim__/cards", self.put_card),
            web.post("/__sim__/clock", self.advance_clock),
            web.get("/__sim__/calls", self.count_calls),
        ]

    async def inject_faults(self, request: web.Request) -> web.Response:
        injection = await read_body(request, FaultInjection)
        fault = Fault(injection.code, injection.status, injection.delay_seconds, injection.lose_answer)
        self._state.faults.add(injection.operation, fault, injection.times)
        return web.json_response({})

    async def put_card(self, request: web.Request) -> web.Response:
        card = await read_body(request, CardOnPicture)
        self._state.cards[card.sha256] = card.fields
        return web.json_response({})

    async def advance_clock(self, request: web.Request) -> web.Response:
        self._state.clock_offset_seconds += (await read_body(request, ClockAdvance)).advance_seconds
        return web.json_response({"now": self._state.now()})

    async def count_calls(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self._state.calls))
