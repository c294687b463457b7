"""The simulator as one aiohttp application."""

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from integrations.local.simulators.esign.accounts import AccountCalls
from integrations.local.simulators.esign.admin import AdminCalls, Pages
from integrations.local.simulators.esign.api import Call, EsignCalls
from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.requests import business_of
from integrations.local.simulators.esign.signing import Desk
from integrations.local.simulators.esign.world import Fault, Refusal, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WORLD = web.AppKey("world", World)
DESK = web.AppKey("desk", Desk)


def create_app(
    merchants: Mapping[str, RSAPublicKey],
    platform_key: RSAPrivateKey,
    clock: Callable[[], float] = time.time,
    kept_in: Path | None = None,
) -> web.Application:
    """Answers only to this machine: whoever can reach it can sign for anybody."""
    world = World.of(clock, kept_in)
    callbacks = CallbackSender(world, platform_key)
    desk = Desk(world, callbacks)
    app = web.Application(middlewares=[_only_this_machine])
    app[WORLD], app[DESK] = world, desk
    for path, call in {**AccountCalls(world).table(), **EsignCalls(world, desk, callbacks).table()}.items():
        app.router.add_route("*", path, _as_the_provider_answers(world, dict(merchants), call))
    app.add_routes(Pages(world, desk).routes())
    app.add_routes(AdminCalls(world, desk, callbacks).routes())

    async def at_work(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(desk.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await desk.stop()
        await callbacks.stop()

    app.cleanup_ctx.append(at_work)
    return app


def _as_the_provider_answers(world: World, merchants: dict[str, RSAPublicKey], call: Call) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        world.calls[request.path] += 1
        fault = world.next_fault(request.path) or Fault()
        if fault.status != 200:
            return web.Response(text="busy", status=fault.status)
        try:
            if fault.code is not None:
                raise Refusal(fault.code, "injected")
            data = await call(request, await business_of(request, merchants, world.now()))
            answer = {"code": 100000, "msg": "成功", "data": data}
        except Refusal as refusal:
            answer = {"code": refusal.code, "msg": refusal.message, "data": None}
        await asyncio.sleep(fault.delay_seconds)
        if fault.lose_answer and request.transport is not None:
            request.transport.close()
        return web.json_response(answer)

    return handle


@web.middleware
async def _only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:  # noqa: S104  # not bound, only compared
        raise web.HTTPForbidden(text="the simulator answers only to its own machine")
    return await handler(request)
