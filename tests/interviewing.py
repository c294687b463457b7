"""A worker that serves interviews over REST, the simulated ZEGO cloud, and the people who meet there."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from domain.interviews.events import LiveRoomPushed
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.media.services import MediaServices
from domain.interviews.record.model import InterviewRoom
from domain.interviews.services import InterviewServices
from domain.shared.authority import Role
from domain.shared.events import STREAM_START
from integrations.local.simulators.zego import SIM_PROJECT
from integrations.settings import CallSettings, InterviewSettings, ZegoSettings
from integrations.zego.token04 import RoomAccess, Token04, room_access
from tests.app_process import Answer, RunningProcess, Stores, running_process, settings_of
from tests.integrations.clocks import SettableClock
from tests.integrations.zego.simulated import Cloud, simulated_cloud

PATIENCE_SECONDS = 15.0
OLD_PAGE = "/miniprogram/video-interview-guest.html?roomId={roomId}"
TOKENS = Token04(SIM_PROJECT.app_id, SIM_PROJECT.server_secret)


@dataclass
class Worker:
    running: RunningProcess
    cloud: Cloud

    @property
    def stores(self) -> Stores:
        return self.running.stores

    @property
    def interviews(self) -> InterviewServices:
        return self.running.services.interviews

    @property
    def media(self) -> MediaServices:
        return self.running.services.media

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str = "",
        query: Any = None,
        cookies: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Answer:
        """Each call by a browser of its own, which shows the cookies that are given."""
        return await self.running.call(method, f"/api{path}", body, token, query, cookies or {}, headers)

    async def member(self, role: Role = Role.EMPLOYEE, name: str = "李经理") -> "Member":
        return Member(self, *await self.stores.hired(role, name))

    async def record(self, room_id: str) -> InterviewRoom:
        return await self.interviews.rooms.find(room_id)

    async def live(self, room_id: str) -> LiveRoom:
        room = await self.interviews.unit_of_work.peek(room_id)
        assert room is not None
        return room

    async def seat(self, room_id: str, participant_id: str) -> Seat | None:
        return (await self.live(room_id)).seat(participant_id)

    async def told(self, room_id: str) -> list[str]:
        """Every event that the people of a room were told, oldest first."""
        state = await self.stores.bus.state()
        entries = await self.stores.bus.history(STREAM_START, state.head)
        events = [entry.event for entry in entries]
        return [event.event for event in events if isinstance(event, LiveRoomPushed) and event.room_id == room_id]

    async def until(self, holds: Callable[[], Awaitable[bool]], seconds: float = PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not await holds():
            assert time.monotonic() < deadline, "in vain"
            await asyncio.sleep(0.02)

    def access(self, token: str) -> tuple[str, RoomAccess]:
        """Whom a token04 is for, and what it opens."""
        claims = TOKENS.open(token, int(datetime.now(UTC).timestamp()))
        access = room_access(claims)
        assert access is not None
        return claims.user_id, access


@dataclass
class Member:
    """A member of staff at their computer."""

    worker: Worker
    id: str
    token: str

    async def call(self, method: str, path: str, body: object = None, query: Any = None) -> Answer:
        return await self.worker.call(method, path, body, self.token, query)

    async def a_room(self, **wish: Any) -> str:
        """An active room; its id."""
        answer = await self.call("POST", "/interview/rooms", wish)
        assert answer.status == 201, answer.body
        return str(answer.data["roomId"])

    async def an_invite(self, room_id: str, **wish: Any) -> str:
        """Its code."""
        answer = await self.call("POST", f"/interview/rooms/{room_id}/invites", wish)
        assert answer.status == 201, answer.body
        return str(answer.data["code"])

    async def enter(self, room_id: str, user_id: str = "user_1777622400000") -> Answer:
        """The host's page of today."""
        body = {"userId": user_id, "roomId": room_id, "userName": "李经理", "expireTime": 7200}
        return await self.call("POST", "/zego/generate-token", body)


@dataclass
class Page:
    """A guest's page of today: it asks and asks, and knows nothing of tickets."""

    worker: Worker
    room_id: str
    user_id: str
    cookies: Mapping[str, str]

    @classmethod
    async def opened(cls, worker: Worker, room_id: str, code: str, user_id: str = "guest_1777_a1") -> "Page":
        """By the link that the host sent."""
        answer = await worker.call("GET", f"/interview/i/{code}")
        assert answer.status == 302, answer.body
        return cls(worker, room_id, user_id, answer.cookies)

    async def enter(self, role: str = "customer", name: str = "") -> Answer:
        body = {"userId": self.user_id, "roomId": self.room_id, "userName": name, "role": role, "expireTime": 7200}
        answer = await self.worker.call("POST", "/zego/generate-guest-token", body, cookies=self.cookies)
        self.cookies = answer.cookies
        return answer

    async def ask(self, what: str, **body: Any) -> Answer:
        sent = {"roomId": self.room_id, "userId": self.user_id, **body}
        return await self.worker.call("POST", f"/zego/{what}", sent, cookies=self.cookies)

    async def close(self) -> Answer:
        """As `sendBeacon` does it: plain text, nobody waits."""
        return await self.worker.call("POST", "/zego/leave-room", cookies=self.cookies, Content_Type="text/plain")


async def arrived(host: Member, room_id: str, identity: str = "customer", user_id: str = "guest_1777_a1") -> Page:
    """A guest who was invited and is in the room."""
    page = await Page.opened(host.worker, room_id, await host.an_invite(room_id, identity=identity), user_id)
    answer = await page.enter()
    assert answer.status == 200, answer.body
    return page


@asynccontextmanager
async def interviewing(
    mongodb_uri: str, redis_url: str, database: str, *, provider: bool = True, guest_page: str = OLD_PAGE
) -> AsyncIterator[Worker]:
    async with simulated_cloud(clock=SettableClock(datetime.now(UTC))) as cloud:
        zego = ZegoSettings(
            app_id=SIM_PROJECT.app_id,
            server_secret=SecretStr(SIM_PROJECT.server_secret),
            callback_secret=SecretStr(SIM_PROJECT.callback_secret),
            api_base=cloud.url,
        )
        settings = settings_of(
            *(mongodb_uri, redis_url, database),
            zego=zego if provider else ZegoSettings(),
            calls=CallSettings(
                turn_urls="turn:turn.example:3478", turn_secret=SecretStr("the shared secret of coturn")
            ),
            interviews=InterviewSettings(guest_url="/api/interview/i/{code}", guest_page=guest_page),
        )
        async with running_process(settings, realtime=False) as running:
            await cloud.order("knobs", callbackUrl=f"{running.url}/api/zego/callback", timeScale=0.01)
            yield Worker(running, cloud)
