"""Routes of the legacy interview pages: unchanged for invited guests and hosts, refused for everyone else."""

import logging
from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from integrations.local.simulators.zego.state import SIM_PROJECT
from tests.interview_api import InterviewApi, LegacyGuestPage, interview_api, joined_guest
from tests.waiting import eventually

TEXT = "您好，我叫赵阿姨"


@pytest.fixture
async def api(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[InterviewApi]:
    async with interview_api(mongodb_uri, redis_url, database.name) as api:
        yield api


async def test_the_hosts_token_is_for_this_user_and_this_room_only(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()

    answer = await host.request_token(room_id, "user_1777622400000")

    assert answer.status == 200
    user_id, access = api.open_token(answer.data["token"])
    assert (user_id, access.room_id, access.may_publish) == ("user_1777622400000", room_id, True)
    assert answer.data["appId"] == SIM_PROJECT.app_id
    assert 7100 < answer.data["expireTime"] <= 7200
    assert (await api.cloud.enter(room_id, user_id, answer.data["token"]))[0] == 200
    assert (await api.cloud.enter("room_b", user_id, answer.data["token"]))[0] == 403


async def test_another_staff_member_gets_no_token_and_cannot_take_the_room_over(api: InterviewApi) -> None:
    host, other = await api.staff_member(), await api.staff_member()
    room_id = await host.create_room()
    await host.request_token(room_id)
    guest = await joined_guest(host, room_id)
    await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": guest.user_id})

    refused = await other.request_token(room_id, "user_1")
    refreshed = await host.request_token(room_id, "user_1777622409999")

    assert (refused.status, refused.code) == (403, "NOT_YOUR_ROOM")
    assert refreshed.status == 200
    live = await api.live(room_id)
    assert live.host_user_id == host.id
    assert len(live.bans) == 1  # the host reloaded the page; the ban remains


async def test_a_legacy_page_joins_by_its_link_without_knowing_of_tickets(api: InterviewApi) -> None:
    host = await api.staff_member()
    made = await host.call("POST", "/interview/create-room", {})
    room_id, link = made.data["roomId"], made.data["inviteLink"]
    code = link.rsplit("/", 1)[-1]

    opened = await api.call("GET", f"/interview/i/{code}")
    page = await LegacyGuestPage.opened(api, room_id, code)
    entered = await page.request_token(role="helper", name="阿姨-冒充")

    assert opened.headers["Location"].endswith(f"/miniprogram/video-interview-guest.html?roomId={room_id}")
    assert "HttpOnly" in opened.headers["Set-Cookie"]
    assert entered.status == 200
    assert (entered.data["role"], entered.data["userName"]) == ("customer", "客户-冒充")
    user_id, access = api.open_token(entered.data["token"])
    assert (user_id, access.room_id) == (page.user_id, room_id)
    assert (await host.call("GET", "/interview/latest-room")).data["inviteLink"] == link


async def test_a_room_number_alone_gives_no_access(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    page = LegacyGuestPage(api, room_id, "guest_1", {})

    assert ((await page.request_token()).status, (await page.request_token()).code) == (403, "CANNOT_JOIN_ROOM")
    for path in ("get-remote-control", "get-teleprompter", "check-room", "leave-room"):
        answer = await page.poll(path)
        assert (answer.status, answer.code) == (401, "TICKET_INVALID"), path


async def test_an_invitation_of_another_room_gives_no_access(api: InterviewApi) -> None:
    host, other = await api.staff_member(), await api.staff_member()
    room_a, room_b = await host.create_room(), await other.create_room()
    guest_in_b = await joined_guest(other, room_b, user_id="guest_b")
    intruder = LegacyGuestPage(api, room_a, "guest_b2", guest_in_b.cookies)

    answer = await intruder.request_token()

    assert (answer.status, answer.code) == (403, "CANNOT_JOIN_ROOM")
    assert answer.body["details"]["reason"] == "TICKET_INVALID"
    assert (await api.live(room_a)).guest_seats == ()


async def test_a_guest_cannot_claim_the_id_of_the_host_or_another_guest(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await host.request_token(room_id, "user_1777622400000")
    await joined_guest(host, room_id, user_id="guest_first")
    host_id = (await api.record(room_id)).host_zego_user_id

    for claimed in ("user_1777622400000", "guest_first", host_id):
        page = await LegacyGuestPage.opened(api, room_id, await host.create_invite(room_id), claimed)
        answer = await page.request_token()
        assert (answer.status, answer.code) == (409, "MEDIA_USER_ID_TAKEN"), claimed


async def test_a_waiting_guest_keeps_the_ticket_and_uses_the_invitation_once(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room(settings={"lobbyEnabled": True})
    await host.request_token(room_id)
    code = await host.create_invite(room_id, maxUses=1)
    page = await LegacyGuestPage.opened(api, room_id, code)

    attempts = [await page.request_token() for _ in range(3)]

    assert [(answer.status, answer.body["details"]["reason"]) for answer in attempts] == [(403, "LOBBY")] * 3
    assert len((await api.live(room_id)).lobby_seats) == 1
    invites = (await host.call("GET", f"/interview/rooms/{room_id}/invites")).data["invites"]
    assert invites[0]["uses"] == 1


async def test_rights_come_from_the_log_in_and_not_from_the_host_in_the_body(api: InterviewApi) -> None:
    host, other = await api.staff_member(), await api.staff_member()
    room_id = await host.create_room()
    guest = await joined_guest(host, room_id, identity="helper")
    body = {"roomId": room_id, "hostUserId": (await api.record(room_id)).host_zego_user_id}

    attempts: dict[str, tuple[dict[str, object], str]] = {
        "kick-user": ({"userId": guest.user_id}, "KICK_FAILED"),
        "dismiss-room": ({}, "DISMISS_FAILED"),
        "remote-control": (
            {"targetUserId": guest.user_id, "controlType": "camera", "enabled": False},
            "NOT_YOUR_ROOM",
        ),
        "push-teleprompter": ({"content": TEXT}, "NOT_YOUR_ROOM"),
        "quick-start-teleprompter": ({"content": TEXT}, "NOT_YOUR_ROOM"),
        "control-teleprompter": ({"action": "PLAY"}, "NOT_YOUR_ROOM"),
    }
    for path, (more, code) in attempts.items():
        answer = await other.call("POST", f"/zego/{path}", {**body, **more})
        assert (answer.status, answer.code) == (403, code), path

    live = await api.live(room_id)
    assert len(live.guest_seats) == 1
    assert live.prompter is None


async def test_polling_delivers_a_mute_and_never_switches_a_camera_on(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await host.request_token(room_id)
    guest = await joined_guest(host, room_id)
    command = {"roomId": room_id, "targetUserId": guest.user_id}
    await host.call("POST", "/zego/remote-control", {**command, "controlType": "camera", "enabled": True})
    before = await guest.poll("get-remote-control", lastTimestamp=0)

    await host.call("POST", "/zego/remote-control", {**command, "controlType": "microphone", "enabled": False})
    polled = await guest.poll("get-remote-control", lastTimestamp=0)
    later = await guest.poll("get-remote-control", lastTimestamp=polled.data["messages"][0]["timestamp"])

    assert before.data["messages"] == []
    assert [(each["controlType"], each["enabled"]) for each in polled.data["messages"]] == [("microphone", False)]
    assert later.data["messages"] == []
    assert "controlPrompt" in await api.pushed_events(room_id)  # clients with a socket are asked


async def test_polling_delivers_the_teleprompter_to_workers_and_never_to_customers(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    customer = await joined_guest(host, room_id, "customer", "guest_customer")
    domestic_worker = await joined_guest(host, room_id, "helper", "guest_worker")

    started = await host.call(
        "POST", "/zego/quick-start-teleprompter", {"roomId": room_id, "content": TEXT, "scrollSpeed": 1}
    )
    refused = await host.call(
        "POST", "/zego/push-teleprompter", {"roomId": room_id, "content": TEXT, "targetUserIds": ["guest_customer"]}
    )
    messages = (await domestic_worker.poll("get-teleprompter", lastTimestamp=0)).data["messages"]
    await host.call("POST", "/zego/control-teleprompter", {"roomId": room_id, "action": "PAUSE"})
    later_messages = (await domestic_worker.poll("get-teleprompter", lastTimestamp=messages[0]["timestamp"])).data[
        "messages"
    ]

    for speed in ("NaN", "inf", "fast", True):
        invalid = {"roomId": room_id, "content": TEXT, "scrollSpeed": speed}
        assert (await host.call("POST", "/zego/push-teleprompter", invalid)).status in (200, 400)
    assert started.status == 200
    assert (refused.status, refused.code) == (422, "PROMPTER_FOR_HELPERS")
    assert [(each["type"], each["content"], each["action"]) for each in messages] == [
        ("CONTENT", TEXT, None),
        ("CONTROL", None, "SHOW"),
        ("CONTROL", None, "PLAY"),
    ]
    assert messages[0]["scrollSpeed"] == 5  # clamped to the minimum
    assert [each["action"] for each in later_messages] == ["SHOW", "PAUSE"]
    assert (await customer.poll("get-teleprompter", lastTimestamp=0)).data["messages"] == []


async def test_a_guest_can_tell_an_ended_interview_from_a_removal(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    removed, stayed = await joined_guest(host, room_id, user_id="g1"), await joined_guest(host, room_id, user_id="g2")
    await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": "g1"})
    kicked = (await removed.poll("check-room")).data
    await host.call("POST", "/zego/dismiss-room", {"roomId": room_id})
    dismissed = (await stayed.poll("check-room")).data

    assert (kicked["isKicked"], kicked["isDismissed"], kicked["canJoin"]) == (True, False, False)
    assert (dismissed["isKicked"], dismissed["isDismissed"], dismissed["endReason"]) == (False, True, "dismissed")


async def test_a_closing_page_is_identified_by_its_cookie_alone(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await host.request_token(room_id)
    guest = await joined_guest(host, room_id)

    answer = await guest.close()

    assert answer.status == 200
    assert (await api.live(room_id)).guest_seats == ()
    assert "peerLeft" in await api.pushed_events(room_id)


async def test_a_guest_renews_ticket_token_and_turn_credentials(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    code = await host.create_invite(room_id, identity="helper", name="赵阿姨")
    issued = await api.call("POST", f"/interview/invites/{code}/redeem", {"name": "别人"})
    ticket = issued.data["ticket"]

    renewed = await api.call("POST", "/interview/tickets/renew", {"ticket": ticket})
    token = await api.call("POST", "/interview/token", {}, X_Interview_Ticket=renewed.data["ticket"])
    hosts = await host.call("POST", f"/interview/rooms/{room_id}/token", {})

    assert (issued.status, issued.data["name"]) == (201, "阿姨-赵阿姨")
    assert renewed.data["participantId"] == issued.data["participantId"]
    user_id, access = api.open_token(token.data["zego"]["token"])
    assert (user_id, access.room_id) == (issued.data["participantId"], room_id)
    turn = token.data["iceServers"][0]
    assert turn["username"].endswith(f":{issued.data['participantId']}")
    assert hosts.data["zego"]["userId"] == (await api.record(room_id)).host_zego_user_id


async def test_invitations_are_listed_counted_and_revoked(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    code = await host.create_invite(room_id, maxUses=2)
    await api.call("POST", f"/interview/invites/{code}/redeem", {})
    (invite,) = (await host.call("GET", f"/interview/rooms/{room_id}/invites")).data["invites"]

    revoked = await host.call("DELETE", f"/interview/rooms/{room_id}/invites/{invite['id']}")
    late = await api.call("POST", f"/interview/invites/{code}/redeem", {})
    forged = await api.call("POST", f"/interview/invites/{'A' * 80}/redeem", {})

    assert invite["uses"] == 1
    assert revoked.data["revokedAt"]
    assert (late.status, late.code) == (404, "INVITE_INVALID")
    assert (forged.status, forged.code) == (404, "INVITE_INVALID")


async def test_a_manager_may_join_and_end_an_interview(api: InterviewApi) -> None:
    host, manager = await api.staff_member(), await api.staff_member(Role.MANAGER)
    room_id = await host.create_room()

    joined = await manager.request_token(room_id, "user_manager")
    dismissed = await manager.call("POST", "/zego/dismiss-room", {"roomId": room_id})

    assert joined.status == 200
    assert dismissed.status == 200
    assert (await api.record(room_id)).end_reason == "admin"


async def test_no_secret_token_or_ticket_reaches_a_log(api: InterviewApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    host = await api.staff_member()
    room_id = await host.create_room()
    code = await host.create_invite(room_id)
    page = await LegacyGuestPage.opened(api, room_id, code)
    token = (await page.request_token()).data["token"]
    await host.call("POST", "/zego/dismiss-room", {"roomId": room_id})

    async def closed() -> bool:
        return bool(await api.cloud.calls("CloseRoom"))

    await eventually(closed)
    for hidden in (SIM_PROJECT.server_secret, SIM_PROJECT.callback_secret, token, page.cookies["interview_ticket"]):
        assert hidden not in caplog.text


async def test_without_a_provider_legacy_pages_get_an_error(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> None:
    async with interview_api(mongodb_uri, redis_url, database.name, provider=False) as api:
        host = await api.staff_member()
        room_id = await host.create_room()

        answer = await host.request_token(room_id)
        renewed = await host.call("POST", f"/interview/rooms/{room_id}/token", {})
        config = await host.call("GET", "/zego/config")

    assert (answer.status, answer.code) == (503, "MEDIA_NOT_CONFIGURED")
    assert renewed.data["zego"] is None
    assert len(renewed.data["iceServers"]) == 1
    assert config.data == {"appId": 0}
