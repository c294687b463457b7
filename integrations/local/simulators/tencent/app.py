"""The simulator as one aiohttp application: one address for all services."""

import time
from collections.abc import Callable

from aiohttp import web

from integrations.local.simulators.http import loopback_only
from integrations.local.simulators.tencent.control import ControlApi
from integrations.local.simulators.tencent.cos import CosApi
from integrations.local.simulators.tencent.ocr import OcrApi
from integrations.local.simulators.tencent.state import SIM_ACCOUNT, Account, SimulatorState

STATE = web.AppKey("state", SimulatorState)
_MAX_BODY_BYTES = 64 * 1024 * 1024


def create_app(account: Account = SIM_ACCOUNT, clock: Callable[[], float] = time.time) -> web.Application:
    """Answers only to this machine."""
    state = SimulatorState(account, clock)
    cos, ocr = CosApi(state), OcrApi(state)
    app = web.Application(middlewares=[loopback_only], client_max_size=_MAX_BODY_BYTES)
    app[STATE] = state
    app.add_routes(ControlApi(state).routes())

    async def handle(request: web.Request) -> web.StreamResponse:
        # With the provider they have addresses of their own.
        return await (ocr.handle(request) if "X-TC-Action" in request.headers else cos.handle(request))

    app.router.add_route("*", "/{key:.*}", handle)
    return app
