"""An interview with legacy pages from the link to the end: the whole product, two app processes, simulated ZEGO."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
from yarl import URL

from integrations.local.simulators.zego.state import SIM_PROJECT
from tests.integrations.clocks import SettableClock
from tests.integrations.zego.simulated import Cloud, simulated_cloud
from tests.journeys.support.running import Product, running
from tests.waiting import eventually

GUEST_PAGE = "/miniprogram/video-interview-guest.html?roomId={roomId}"


async def post(browser: aiohttp.ClientSession, path: str, body: Any = None) -> tuple[int, Any]:
    async with browser.post(path, json=body or {}) as response:
        return response.status, await response.json()


async def test_a_guest_joins_by_link_is_removed_and_the_interview_ends_everywhere() -> None:
    async with simulated_cloud(clock=SettableClock(datetime.now(UTC))) as cloud:
        environment = {
            "ZEGO_APP_ID": str(SIM_PROJECT.app_id),
            "ZEGO_SERVER_SECRET": SIM_PROJECT.server_secret,
            "ZEGO_CALLBACK_SECRET": SIM_PROJECT.callback_secret,
            "ZEGO_API_BASE": cloud.url,
            "INTERVIEW_GUEST_URL": "/api/interview/i/{code}",
            "INTERVIEW_GUEST_PAGE": GUEST_PAGE,
        }
        with running("--workers", "2", environment=environment) as product:
            await cloud.order("knobs", callbackUrl=f"{product.url}/api/zego/callback")
            await hold_interview(product, cloud)
            printed = product.printed
        assert "interview" in printed
        assert SIM_PROJECT.server_secret not in printed
        assert SIM_PROJECT.callback_secret not in printed


async def hold_interview(product: Product, cloud: Cloud) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        product.client(await product.admin_token()) as host,
        aiohttp.ClientSession(product.url, cookie_jar=jar) as guest,
    ):
        _, created = await post(host, "/api/interview/create-room")
        room_id = created["data"]["roomId"]
        _, host_token = await post(host, "/api/zego/generate-token", {"userId": "user_1", "roomId": room_id})
        assert (await cloud.enter(room_id, "user_1", host_token["data"]["token"]))[0] == 200

        async with guest.get(URL(created["data"]["inviteLink"]).path, allow_redirects=False) as link:
            assert link.headers["Location"].endswith(GUEST_PAGE.format(roomId=room_id))
        request = {"userId": "guest_1", "roomId": room_id, "role": "customer", "userName": "王女士"}
        status, granted = await post(guest, "/api/zego/generate-guest-token", request)
        assert (status, granted["data"]["userName"]) == (200, "客户-王女士")
        assert (await cloud.enter(room_id, "guest_1", granted["data"]["token"]))[0] == 200
        mute = {"roomId": room_id, "targetUserId": "guest_1", "controlType": "microphone", "enabled": False}
        await post(host, "/api/zego/remote-control", mute)
        _, polled = await post(guest, "/api/zego/get-remote-control", {"lastTimestamp": 0})
        assert [each["controlType"] for each in polled["data"]["messages"]] == ["microphone"]

        await post(host, "/api/zego/kick-user", {"roomId": room_id, "userId": "guest_1"})

        async def guest_removed() -> bool:
            return await cloud.people(room_id) == ["user_1"]

        await eventually(guest_removed, 30)
        status, again = await post(guest, "/api/zego/generate-guest-token", request)
        assert (status, again["code"], again["details"]["reason"]) == (403, "CANNOT_JOIN_ROOM", "KICKED")

        await post(host, "/api/zego/dismiss-room", {"roomId": room_id})

        async def closed() -> bool:
            return not await cloud.get("rooms")

        await eventually(closed, 30)

        async def attendance_recorded() -> bool:
            async with host.get(f"/api/interview/rooms/{room_id}/participants") as response:
                stays = (await response.json())["data"]["stays"]
            return {(each["role"], each["leftBecause"]) for each in stays} == {("host", "ended"), ("guest", "kicked")}

        await eventually(attendance_recorded, 30)
