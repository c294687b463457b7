"""The simulator as one aiohttp application."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from integrations.local.simulators.http import Handler, loopback_only
from integrations.local.simulators.wechat.api import Response, WeChatApi
from integrations.local.simulators.wechat.control import ControlApi
from integrations.local.simulators.wechat.errors import Refusal
from integrations.local.simulators.wechat.state import SIM_PROGRAM, Fault, MiniProgram, SimulatorState

Call = Callable[[web.Request], Awaitable[Response]]


def create_app(
    programs: Sequence[MiniProgram] = (SIM_PROGRAM,), clock: Callable[[], float] = time.time
) -> web.Application:
    """Answers only to this machine, because a client that can mint codes can log in as any person."""
    state = SimulatorState.of(programs, clock)
    api = WeChatApi(state)
    app = web.Application(middlewares=[loopback_only])
    for path, call in {
        "/sns/jscode2session": api.code_to_session,
        "/cgi-bin/token": api.token,
        "/cgi-bin/stable_token": api.stable_token,
        "/wxa/business/getuserphonenumber": api.phone_number,
        "/wxa/checksession": api.check_session,
    }.items():
        app.router.add_route("*", path, _handler_of(state, call))
    app.add_routes(ControlApi(state).routes())
    return app


def _handler_of(state: SimulatorState, call: Call) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        state.calls[request.path] += 1
        fault = state.faults.take(request.path) or Fault()
        if fault.body is not None or fault.status != 200:
            return web.Response(text=fault.body or "", status=fault.status, content_type="text/html")
        try:
            if fault.errcode is not None:
                raise Refusal(fault.errcode, "system error")
            response = await call(request)
        except Refusal as refusal:
            response = refusal.response()
        await asyncio.sleep(fault.delay_seconds)
        return web.Response(text=json.dumps(response, ensure_ascii=False), content_type="text/plain")

    return handle
