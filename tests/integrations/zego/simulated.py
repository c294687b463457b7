"""The simulated ZEGO cloud on loopback, and its control calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from integrations.local.simulators.zego.app import STATE, create_app
from integrations.local.simulators.zego.state import SIM_PROJECT, SimulatorState
from integrations.zego.token04 import Token04, room_payload
from tests.integrations.clocks import SettableClock

TOKENS = Token04(SIM_PROJECT.app_id, SIM_PROJECT.server_secret)


class Cloud:
    """Acts as the users in the rooms of the cloud, and controls its behaviour."""

    def __init__(self, http: aiohttp.ClientSession, url: str, state: SimulatorState, clock: SettableClock) -> None:
        self.http = http
        self.url = url
        self.state = state
        self.clock = clock

    async def order(self, path: str, /, **body: Any) -> tuple[int, Any]:
        async with self.http.post(f"{self.url}/sim/{path}", json=body) as response:
            assert response.status in (200, 403, 404), await response.text()
            return response.status, await response.json()

    async def get(self, path: str, /, **query: str) -> Any:
        async with self.http.get(f"{self.url}/sim/{path}", params=query) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    def token(self, user_id: str, room_id: str, *, publish: bool = True) -> str:
        now = int(self.state.now())
        return TOKENS.issue(user_id, room_payload(room_id, publish=publish), now, 7200)

    async def enter(self, room_id: str, user_id: str, token: str = "") -> tuple[int, Any]:
        token = token or self.token(user_id, room_id)
        return await self.order("login", roomId=room_id, userId=user_id, userName=user_id, token=token)

    async def leave(self, room_id: str, user_id: str) -> None:
        await self.order("logout", roomId=room_id, userId=user_id)

    async def fault(self, action: str, times: int = 1, **fault: Any) -> None:
        await self.order("faults", action=action, times=times, fault=fault)

    async def people(self, room_id: str) -> list[str]:
        rooms = await self.get("rooms")
        return [user["userId"] for room in rooms if room["roomId"] == room_id for user in room["users"]]

    async def calls(self, action: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.get("calls", action=action)
        return found

    async def notices(self, user_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.get("notices", userId=user_id)
        return found


@asynccontextmanager
async def simulated_cloud(callback_url: str = "", clock: SettableClock | None = None) -> AsyncIterator[Cloud]:
    clock = clock or SettableClock()
    app = create_app(clock=lambda: clock.now().timestamp(), callback_url=callback_url)
    server = TestServer(app)
    await server.start_server(access_log=None)
    async with aiohttp.ClientSession() as http:
        yield Cloud(http, str(server.make_url("")).rstrip("/"), app[STATE], clock)
    await server.close()
