"""The simulator as one aiohttp application."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from integrations.local.simulators.esign.accounts import AccountApi
from integrations.local.simulators.esign.api import Call, ContractApi
from integrations.local.simulators.esign.callbacks import CallbackSender
from integrations.local.simulators.esign.control import ControlApi
from integrations.local.simulators.esign.pages import SigningPages
from integrations.local.simulators.esign.requests import authenticated_business
from integrations.local.simulators.esign.signing_engine import SigningEngine
from integrations.local.simulators.esign.state import Fault, Refusal, SimulatorState
from integrations.local.simulators.http import Handler, loopback_only

STATE = web.AppKey("state", SimulatorState)
SIGNING_ENGINE = web.AppKey("signing", SigningEngine)


def create_app(
    merchants: Mapping[str, RSAPublicKey],
    platform_key: RSAPrivateKey,
    clock: Callable[[], float] = time.time,
    state_file: Path | None = None,
) -> web.Application:
    """Answers only to this machine, because a client can sign for any person."""
    state = SimulatorState.of(clock, state_file)
    callbacks = CallbackSender(state, platform_key)
    signing = SigningEngine(state, callbacks)
    app = web.Application(middlewares=[loopback_only])
    app[STATE], app[SIGNING_ENGINE] = state, signing
    for path, call in {**AccountApi(state).handlers(), **ContractApi(state, signing, callbacks).handlers()}.items():
        app.router.add_route("*", path, _handler_of(state, dict(merchants), call))
    app.add_routes(SigningPages(state, signing).routes())
    app.add_routes(ControlApi(state, signing, callbacks).routes())

    async def background_tasks(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(signing.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await signing.stop()
        await callbacks.stop()

    app.cleanup_ctx.append(background_tasks)
    return app


def _handler_of(state: SimulatorState, merchants: dict[str, RSAPublicKey], call: Call) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        state.calls[request.path] += 1
        fault = state.faults.take(request.path) or Fault()
        if fault.status != 200:
            return web.Response(text="busy", status=fault.status)
        try:
            if fault.code is not None:
                raise Refusal(fault.code, "injected")
            data = await call(request, await authenticated_business(request, merchants, state.now()))
            response = {"code": 100000, "msg": "成功", "data": data}
        except Refusal as refusal:
            response = {"code": refusal.code, "msg": refusal.message, "data": None}
        await asyncio.sleep(fault.delay_seconds)
        if fault.lose_answer and request.transport is not None:
            request.transport.close()
        return web.json_response(response)

    return handle
