"""`/sim/`, the control API: actions of clients in rooms, their notices, injected faults, and the clock."""

import asyncio
import json
from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import Field, ValidationError

from integrations.local.simulators.http import read_body
from integrations.local.simulators.zego.callbacks import CallbackSender
from integrations.local.simulators.zego.rooms import NOT_ALLOWED, LoginRefused, Rooms
from integrations.local.simulators.zego.state import ControlModel, Fault, SimulatorSettings, SimulatorState


class RoomUser(ControlModel):
    room_id: str
    user_id: str


class Login(RoomUser):
    user_name: str = ""
    token: str


class FaultInjection(ControlModel):
    """`*` means every action."""

    action: str
    times: int = Field(1, ge=1, le=100_000)
    fault: Fault


class ClockAdvance(ControlModel):
    advance_seconds: float = Field(ge=0)


class CustomCallback(ControlModel):
    fields: dict[str, str]


class ControlApi:
    def __init__(self, state: SimulatorState, rooms: Rooms, callbacks: CallbackSender) -> None:
        self._state = state
        self._rooms = rooms
        self._callbacks = callbacks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/sim/login", self.login),
            web.post("/sim/logout", self.logout),
            web.post("/sim/heartbeat", self.heartbeat),
            web.post("/sim/drop", self.disconnect),
            web.get("/sim/rooms", self.rooms),
            web.get("/sim/calls", self.calls),
            web.get("/sim/notices", self.notices),
            web.get("/sim/callbacks", self.callbacks_sent),
            web.post("/sim/callbacks", self.send_callback),
            web.post("/sim/faults", self.inject_faults),
            web.post("/sim/knobs", self.change_settings),
            web.post("/sim/clock", self.advance_clock),
        ]

    async def login(self, request: web.Request) -> web.Response:
        body = await read_body(request, Login)
        try:
            user = self._rooms.login(body.room_id, body.user_id, body.user_name, body.token)
        except LoginRefused as refused:
            return web.json_response({"code": NOT_ALLOWED, "message": refused.reason}, status=403)
        room = self._state.rooms[body.room_id]
        session = {"roomSessionId": room.session_id, "sessionId": user.session_id, "mayPublish": user.may_publish}
        return web.json_response({"code": 0, **session})

    async def logout(self, request: web.Request) -> web.Response:
        body = await read_body(request, RoomUser)
        return _found(self._rooms.logout(body.room_id, body.user_id))

    async def heartbeat(self, request: web.Request) -> web.Response:
        body = await read_body(request, RoomUser)
        return _found(self._rooms.heartbeat(body.room_id, body.user_id))

    async def disconnect(self, request: web.Request) -> web.Response:
        body = await read_body(request, RoomUser)
        return _found(self._rooms.disconnect(body.room_id, body.user_id))

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
            for room in self._state.rooms.values()
        ]
        return web.json_response(shown)

    async def calls(self, request: web.Request) -> web.Response:
        action = request.query.get("action")
        return web.json_response([asdict(call) for call in self._state.calls if action in (None, call.action)])

    async def notices(self, request: web.Request) -> web.StreamResponse:
        """The notices to a user so far. With `Accept: text/event-stream`: these and all later ones, as a stream."""
        user_id = request.query.get("userId", "")
        if "text/event-stream" not in request.headers.get("Accept", ""):
            return web.json_response([asdict(notice) for notice in self._state.notices.get(user_id, [])])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        sent = 0
        while True:
            notified = self._rooms.notified
            for notice in self._state.notices.get(user_id, [])[sent:]:
                await response.write(f"data: {json.dumps(asdict(notice), ensure_ascii=False)}\n\n".encode())
                sent += 1
            await notified.wait()

    async def callbacks_sent(self, request: web.Request) -> web.Response:
        """The messages that were sent. Waits for first attempts, with `?retries=true` also for all retries."""
        async with asyncio.timeout(5):
            if request.query.get("retries") == "true":
                await self._callbacks.retries_done()
            else:
                await self._callbacks.first_attempts_done()
        return web.json_response(self._callbacks.sent)

    async def send_callback(self, request: web.Request) -> web.Response:
        self._callbacks.send_once((await read_body(request, CustomCallback)).fields)
        return web.json_response({})

    async def inject_faults(self, request: web.Request) -> web.Response:
        injection = await read_body(request, FaultInjection)
        self._state.faults.add(injection.action, injection.fault, injection.times)
        return web.json_response({})

    async def change_settings(self, request: web.Request) -> web.Response:
        changed: dict[str, Any] = {**self._state.settings.model_dump(by_alias=True), **await request.json()}
        try:
            self._state.settings = SimulatorSettings.model_validate(changed)
        except ValidationError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(self._state.settings.model_dump(by_alias=True))

    async def advance_clock(self, request: web.Request) -> web.Response:
        self._state.clock_offset_seconds += (await read_body(request, ClockAdvance)).advance_seconds
        self._rooms.log_out_timed_out_users()
        return web.json_response({"now": self._state.now()})


def _found(found: bool) -> web.Response:
    return web.json_response({"code": 0 if found else 1}, status=200 if found else 404)
