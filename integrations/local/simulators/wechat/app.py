"""The simulator as one aiohttp application."""

import asyncio
import ipaddress
import json
import time
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from integrations.local.simulators.wechat.admin import AdminCalls
from integrations.local.simulators.wechat.api import Answer, WeChatCalls
from integrations.local.simulators.wechat.refusals import Refusal
from integrations.local.simulators.wechat.world import SIMULATED, Fault, MiniProgram, World

Call = Callable[[web.Request], Awaitable[Answer]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(
    programs: Sequence[MiniProgram] = (SIMULATED,), clock: Callable[[], float] = time.time
) -> web.Application:
    """Answers only to this machine: whoever can mint codes can be anybody."""
    world = World.of(programs, clock)
    calls = WeChatCalls(world)
    app = web.Application(middlewares=[_only_this_machine])
    for path, call in {
        "/sns/jscode2session": calls.code_to_session,
        "/cgi-bin/token": calls.token,
        "/cgi-bin/stable_token": calls.stable_token,
        "/wxa/business/getuserphonenumber": calls.phone_number,
        "/wxa/checksession": calls.check_session,
    }.items():
        app.router.add_route("*", path, _as_wechat_answers(world, call))
    app.add_routes(AdminCalls(world).routes())
    return app


def _as_wechat_answers(world: World, call: Call) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        world.calls[request.path] += 1
        fault = world.next_fault(request.path) or Fault()
        if fault.body is not None or fault.status != 200:
            return web.Response(text=fault.body or "", status=fault.status, content_type="text/html")
        try:
            if fault.errcode is not None:
                raise Refusal(fault.errcode, "system error")
            answer = await call(request)
        except Refusal as refusal:
            answer = refusal.answer()
        await asyncio.sleep(fault.delay_seconds)
        return web.Response(text=json.dumps(answer, ensure_ascii=False), content_type="text/plain")

    return handle


@web.middleware
async def _only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:  # noqa: S104  # not bound, only compared
        raise web.HTTPForbidden(text="the simulator answers only to its own machine")
    return await handler(request)
