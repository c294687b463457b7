"""The simulator as one aiohttp application."""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from integrations.local.simulators.zego.api import ServerApi
from integrations.local.simulators.zego.callbacks import CallbackSender
from integrations.local.simulators.zego.control import ControlApi
from integrations.local.simulators.zego.rooms import Rooms
from integrations.local.simulators.zego.world import SIMULATED, Knobs, Project, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WORLD = web.AppKey("world", World)


def create_app(
    project: Project = SIMULATED, clock: Callable[[], float] = time.time, callback_url: str = ""
) -> web.Application:
    """Answers only to this machine: whoever can reach it can be anybody in a room."""
    world = World(project, clock, knobs=Knobs(callback_url=callback_url))
    callbacks = CallbackSender(world)
    rooms = Rooms(world, callbacks)
    app = web.Application(middlewares=[_only_this_machine])
    app[WORLD] = world
    app.router.add_get("/", ServerApi(world, rooms).handle)
    app.add_routes(ControlApi(world, rooms, callbacks).routes())

    async def at_work(app: web.Application) -> AsyncIterator[None]:
        tasks = asyncio.gather(callbacks.run(), rooms.run())
        yield
        tasks.cancel()
        await asyncio.gather(tasks, return_exceptions=True)
        await callbacks.stop()

    app.cleanup_ctx.append(at_work)
    return app


@web.middleware
async def _only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback:  # noqa: S104  # not bound, only compared
        raise web.HTTPForbidden(text="the simulator answers only to its own machine")
    return await handler(request)
