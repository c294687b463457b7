"""A api that serves interviews over REST, the simulated ZEGO cloud, and the people who meet there."""

from collections.abc import AsyncIterator, Mapping
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
from integrations.local.simulators.zego.state import SIM_PROJECT
from integrations.settings import CallSettings, InterviewSettings, ZegoSettings
from integrations.zego.token04 import RoomAccess, Token04, room_access
from tests.app_process import Answer, RunningProcess, Stores, running_process, settings_of
from tests.integrations.clocks import SettableClock
from tests.integrations.zego.simulated import Cloud, simulated_cloud

LEGACY_PAGE = "/miniprogram/video-interview-guest.html?roomId={roomId}"
TOKENS = Token04(SIM_PROJECT.app_id, SIM_PROJECT.server_secret)


@dataclass
class InterviewApi:
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
        """Sends a request with these cookies only."""
        return await self.running.call(method, f"/api{path}", body, token, query, cookies or {}, headers)

    async def staff_member(self, role: Role = Role.EMPLOYEE, name: str = "李经理") -> "StaffMember":
        return StaffMember(self, *await self.stores.hired(role, name))

    async def record(self, room_id: str) -> InterviewRoom:
        return await self.interviews.rooms.find(room_id)

    async def live(self, room_id: str) -> LiveRoom:
        room = await self.interviews.unit_of_work.peek(room_id)
        assert room is not None
        return room

    async def seat(self, room_id: str, participant_id: str) -> Seat | None:
        return (await self.live(room_id)).seat(participant_id)

    async def pushed_events(self, room_id: str) -> list[str]:
        """The names of all pushes of a room, oldest first."""
        state = await self.stores.bus.state()
        entries = await self.stores.bus.history(STREAM_START, state.head)
        events = [entry.event for entry in entries]
        return [event.event for event in events if isinstance(event, LiveRoomPushed) and event.room_id == room_id]

    def open_token(self, token: str) -> tuple[str, RoomAccess]:
        """The user id of a token04, and the room access that it grants."""
        claims = TOKENS.open(token, int(datetime.now(UTC).timestamp()))
        access = room_access(claims)
        assert access is not None
        return claims.user_id, access


@dataclass
class StaffMember:
    """A logged-in staff member."""

    api: InterviewApi
    id: str
    token: str

    async def call(self, method: str, path: str, body: object = None, query: Any = None) -> Answer:
        return await self.api.call(method, path, body, self.token, query)

    async def create_room(self, **fields: Any) -> str:
        """Creates an active room; returns its id."""
        answer = await self.call("POST", "/interview/rooms", fields)
        assert answer.status == 201, answer.body
        return str(answer.data["roomId"])

    async def create_invite(self, room_id: str, **fields: Any) -> str:
        """Returns the code of the invitation."""
        answer = await self.call("POST", f"/interview/rooms/{room_id}/invites", fields)
        assert answer.status == 201, answer.body
        return str(answer.data["code"])

    async def request_token(self, room_id: str, user_id: str = "user_1777622400000") -> Answer:
        """As the legacy host page does it."""
        body = {"userId": user_id, "roomId": room_id, "userName": "李经理", "expireTime": 7200}
        return await self.call("POST", "/zego/generate-token", body)


@dataclass
class LegacyGuestPage:
    """A legacy guest page: it polls, and knows cookies but no tickets."""

    api: InterviewApi
    room_id: str
    user_id: str
    cookies: Mapping[str, str]

    @classmethod
    async def opened(
        cls, api: InterviewApi, room_id: str, code: str, user_id: str = "guest_1777_a1"
    ) -> "LegacyGuestPage":
        """Opens the link that the host sent."""
        answer = await api.call("GET", f"/interview/i/{code}")
        assert answer.status == 302, answer.body
        return cls(api, room_id, user_id, answer.cookies)

    async def request_token(self, role: str = "customer", name: str = "") -> Answer:
        body = {"userId": self.user_id, "roomId": self.room_id, "userName": name, "role": role, "expireTime": 7200}
        answer = await self.api.call("POST", "/zego/generate-guest-token", body, cookies=self.cookies)
        self.cookies = answer.cookies
        return answer

    async def poll(self, path: str, **body: Any) -> Answer:
        sent = {"roomId": self.room_id, "userId": self.user_id, **body}
        return await self.api.call("POST", f"/zego/{path}", sent, cookies=self.cookies)

    async def close(self) -> Answer:
        """As `sendBeacon` does it: plain text, without reading the answer."""
        return await self.api.call("POST", "/zego/leave-room", cookies=self.cookies, Content_Type="text/plain")


async def joined_guest(
    host: StaffMember, room_id: str, identity: str = "customer", user_id: str = "guest_1777_a1"
) -> LegacyGuestPage:
    """The page of an invited guest who has joined the room."""
    page = await LegacyGuestPage.opened(
        host.api,
        room_id,
        await host.create_invite(room_id, identity=identity),
        user_id,
    )
    answer = await page.request_token()
    assert answer.status == 200, answer.body
    return page


@asynccontextmanager
async def interview_api(
    mongodb_uri: str, redis_url: str, database: str, *, provider: bool = True, guest_page: str = LEGACY_PAGE
) -> AsyncIterator[InterviewApi]:
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
            yield InterviewApi(running, cloud)
