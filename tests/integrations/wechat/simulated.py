"""The WeChat simulator on loopback, and a phone that uses it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from integrations.local.simulators.wechat.app import create_app
from integrations.local.simulators.wechat.state import SIM_PROGRAM, MiniProgram
from tests.integrations.clocks import SettableClock


class Phone:
    """WeChat's app on a phone (codes), and the simulator's control interface (faults, calls)."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, clock: SettableClock) -> None:
        self.session = session
        self.base_url = base_url
        self.clock = clock

    async def admin(self, command: str, /, **body: object) -> Any:
        async with self.session.post(f"{self.base_url}/__sim__/{command}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def login_code(self, person: str = "王芳", **more: object) -> str:
        return str((await self.admin("codes", person=person, **more))["code"])

    async def open_id(self, person: str = "王芳") -> str:
        return str((await self.admin("codes", person=person))["openid"])

    async def phone_code(self, person: str = "王芳", phone: str = "13800138000", **more: object) -> str:
        return str((await self.admin("phone-codes", person=person, phone=phone, **more))["code"])

    async def calls(self, path: str) -> int:
        async with self.session.get(f"{self.base_url}/__sim__/calls") as response:
            return int((await response.json()).get(path, 0))

    async def ask(self, method: str, path: str, query: dict[str, str], body: object = None) -> Any:
        """A raw call of WeChat's API."""
        async with self.session.request(method, self.base_url + path, params=query, json=body) as response:
            assert response.status == 200
            assert response.content_type == "text/plain"
            return await response.json(content_type=None)


@asynccontextmanager
async def simulated_wechat(programs: tuple[MiniProgram, ...] = (SIM_PROGRAM,)) -> AsyncIterator[Phone]:
    clock = SettableClock()
    server = TestServer(create_app(programs, lambda: clock.now().timestamp()))
    await server.start_server(
        access_log=None
    )  # the simulator's own log would contain the secrets that clients must not log
    async with aiohttp.ClientSession() as session:
        yield Phone(session, str(server.make_url("")).rstrip("/"), clock)
    await server.close()
