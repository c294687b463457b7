"""The simulator as one aiohttp application."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from integrations.local.simulators.http import loopback_only
from integrations.local.simulators.zego.api import ServerApi
from integrations.local.simulators.zego.callbacks import CallbackSender
from integrations.local.simulators.zego.control import ControlApi
from integrations.local.simulators.zego.rooms import Rooms
from integrations.local.simulators.zego.state import SIM_PROJECT, Project, SimulatorSettings, SimulatorState

STATE = web.AppKey("state", SimulatorState)


def create_app(
    project: Project = SIM_PROJECT, clock: Callable[[], float] = time.time, callback_url: str = ""
) -> web.Application:
    """Answers only to this machine, because a client can enter any room as any user."""
    state = SimulatorState(project, clock, settings=SimulatorSettings(callback_url=callback_url))
    callbacks = CallbackSender(state)
    rooms = Rooms(state, callbacks)
    app = web.Application(middlewares=[loopback_only])
    app[STATE] = state
    app.router.add_get("/", ServerApi(state, rooms).handle)
    app.add_routes(ControlApi(state, rooms, callbacks).routes())

    async def background_tasks(app: web.Application) -> AsyncIterator[None]:
        tasks = asyncio.gather(callbacks.run(), rooms.run())
        yield
        tasks.cancel()
        await asyncio.gather(tasks, return_exceptions=True)
        await callbacks.stop()

    app.cleanup_ctx.append(background_tasks)
    return app
