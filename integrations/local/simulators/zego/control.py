"""`/sim/`: what clients do in rooms, what they would be told, and what a test wants to go wrong."""

import asyncio
import json
from collections import deque
from dataclasses import asdict
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from integrations.local.simulators.zego.callbacks import CallbackSender
from integrations.local.simulators.zego.rooms import NOT_ALLOWED, LoginRefused, Rooms
from integrations.local.simulators.zego.world import Content, Fault, Knobs, World

Model = TypeVar("Model", bound=BaseModel)


class Somebody(Content):
    room_id: str
    user_id: str


class Login(Somebody):
    user_name: str = ""
    token: str


class Script(Content):
    """`*`: every action."""

    action: str
    times: int = Field(1, ge=1, le=100_000)
    fault: Fault


class Leap(Content):
    advance_seconds: float = Field(ge=0)


class Forged(Content):
    fields: dict[str, str]


class ControlApi:
    def __init__(self, world: World, rooms: Rooms, callbacks: CallbackSender) -> None:
        self._world = world
        self._rooms = rooms
        self._callbacks = callbacks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/sim/login", self.login),
            web.post("/sim/logout", self.logout),
            web.post("/sim/heartbeat", self.heartbeat),
            web.post("/sim/drop", self.drop),
            web.get("/sim/rooms", self.rooms),
            web.get("/sim/calls", self.calls),
            web.get("/sim/notices", self.notices),
            web.get("/sim/callbacks", self.callbacks_sent),
            web.post("/sim/callbacks", self.send_callback),
            web.post("/sim/faults", self.script),
            web.post("/sim/knobs", self.turn_knobs),
            web.post("/sim/clock", self.advance_clock),
        ]

    async def login(self, request: web.Request) -> web.Response:
        body = await _read(request, Login)
        try:
            user = self._rooms.login(body.room_id, body.user_id, body.user_name, body.token)
        except LoginRefused as refused:
            return web.json_response({"code": NOT_ALLOWED, "message": refused.why}, status=403)
        room = self._world.rooms[body.room_id]
        seats = {"roomSessionId": room.session_id, "sessionId": user.session_id, "mayPublish": user.may_publish}
        return web.json_response({"code": 0, **seats})

    async def logout(self, request: web.Request) -> web.Response:
        body = await _read(request, Somebody)
        return _known(self._rooms.logout(body.room_id, body.user_id))

    async def heartbeat(self, request: web.Request) -> web.Response:
        body = await _read(request, Somebody)
        return _known(self._rooms.heartbeat(body.room_id, body.user_id))

    async def drop(self, request: web.Request) -> web.Response:
        body = await _read(request, Somebody)
        return _known(self._rooms.drop(body.room_id, body.user_id))

    async def rooms(self, request: web.Request) -> web.Response:
        shown = [
            {
                "roomId": room.room_id,
                "sessionId": room.session_id,
                "users": [
                    {"userId": user.user_id, "userName": user.name, "sessionId": user.session_id}
                    for user in room.users.values()
                ],
            }
            for room in self._world.rooms.values()
        ]
        return web.json_response(shown)

    async def calls(self, request: web.Request) -> web.Response:
        action = request.query.get("action")
        return web.json_response([asdict(call) for call in self._world.calls if action in (None, call.action)])

    async def notices(self, request: web.Request) -> web.StreamResponse:
        """All that a user was told so far; as a stream of events when that is what is accepted."""
        user_id = request.query.get("userId", "")
        if "text/event-stream" not in request.headers.get("Accept", ""):
            return web.json_response([asdict(notice) for notice in self._world.notices.get(user_id, [])])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        told = 0
        while True:
            news = self._rooms.news
            for notice in self._world.notices.get(user_id, [])[told:]:
                await response.write(f"data: {json.dumps(asdict(notice), ensure_ascii=False)}\n\n".encode())
                told += 1
            await news.wait()

    async def callbacks_sent(self, request: web.Request) -> web.Response:
        async with asyncio.timeout(5):
            await self._callbacks.settled()
        return web.json_response(self._callbacks.sent)

    async def send_callback(self, request: web.Request) -> web.Response:
        self._callbacks.send_once((await _read(request, Forged)).fields)
        return web.json_response({})

    async def script(self, request: web.Request) -> web.Response:
        script = await _read(request, Script)
        self._world.faults.setdefault(script.action, deque()).extend([script.fault] * script.times)
        return web.json_response({})

    async def turn_knobs(self, request: web.Request) -> web.Response:
        changed: dict[str, Any] = {**self._world.knobs.model_dump(by_alias=True), **await request.json()}
        try:
            self._world.knobs = Knobs.model_validate(changed)
        except ValidationError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(self._world.knobs.model_dump(by_alias=True))

    async def advance_clock(self, request: web.Request) -> web.Response:
        self._world.ahead_seconds += (await _read(request, Leap)).advance_seconds
        self._rooms.expire_silent()
        return web.json_response({"now": self._world.now()})


def _known(was_there: bool) -> web.Response:
    return web.json_response({"code": 0 if was_there else 1}, status=200 if was_there else 404)


async def _read(request: web.Request, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
