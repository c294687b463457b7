"""The paths of today's interview pages: unchanged for who may, closed for who may not."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from integrations.local.simulators.zego import SIM_PROJECT
from tests.interviewing import Page, Worker, arrived, interviewing

TEXT = "您好，我叫赵阿姨"


@pytest.fixture
async def worker(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Worker]:
    async with interviewing(mongodb_uri, redis_url, database.name) as worker:
        yield worker


async def test_the_hosts_token_opens_this_room_for_this_user_and_no_other(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()

    answer = await host.enter(room_id, "user_1777622400000")

    assert answer.status == 200
    user_id, access = worker.access(answer.data["token"])
    assert (user_id, access.room_id, access.may_publish) == ("user_1777622400000", room_id, True)
    assert answer.data["appId"] == SIM_PROJECT.app_id
    assert 7100 < answer.data["expireTime"] <= 7200
    assert (await worker.cloud.enter(room_id, user_id, answer.data["token"]))[0] == 200
    assert (await worker.cloud.enter("room_b", user_id, answer.data["token"]))[0] == 403


async def test_a_token_that_is_asked_for_first_begins_the_room(worker: Worker) -> None:
    host = await worker.member()

    await host.enter("room_a")
    made = await host.call("POST", "/interview/rooms", {"roomId": "room_a", "candidateName": "赵阿姨"})

    assert made.status == 201
    assert (await worker.record("room_a")).candidate_name == "赵阿姨"


async def test_another_member_of_staff_gets_no_token_and_takes_nothing_over(worker: Worker) -> None:
    host, other = await worker.member(), await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id)
    guest = await arrived(host, room_id)
    await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": guest.user_id})

    refused = await other.enter(room_id, "user_1")
    refreshed = await host.enter(room_id, "user_1777622409999")

    assert (refused.status, refused.code) == (403, "NOT_YOUR_ROOM")
    assert refreshed.status == 200
    live = await worker.live(room_id)
    assert live.host_user_id == host.id
    assert len(live.bans) == 1  # the host's page came again; the ban stands


async def test_a_page_of_today_comes_by_its_link_without_knowing_of_tickets(worker: Worker) -> None:
    host = await worker.member()
    made = await host.call("POST", "/interview/create-room", {})
    room_id, link = made.data["roomId"], made.data["inviteLink"]
    code = link.rsplit("/", 1)[-1]

    opened = await worker.call("GET", f"/interview/i/{code}")
    page = await Page.opened(worker, room_id, code)
    entered = await page.enter(role="helper", name="阿姨-冒充")

    assert opened.headers["Location"].endswith(f"/miniprogram/video-interview-guest.html?roomId={room_id}")
    assert "HttpOnly" in opened.headers["Set-Cookie"]
    assert entered.status == 200
    assert (entered.data["role"], entered.data["userName"]) == ("customer", "客户-冒充")
    user_id, access = worker.access(entered.data["token"])
    assert (user_id, access.room_id) == (page.user_id, room_id)
    assert (await host.call("GET", "/interview/latest-room")).data["inviteLink"] == link


async def test_a_bare_room_number_opens_nothing(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    page = Page(worker, room_id, "guest_1", {})

    assert ((await page.enter()).status, (await page.enter()).code) == (403, "CANNOT_JOIN_ROOM")
    for what in ("get-remote-control", "get-teleprompter", "check-room", "leave-room"):
        answer = await page.ask(what)
        assert (answer.status, answer.code) == (401, "TICKET_INVALID"), what


async def test_an_invitation_of_another_room_opens_nothing_here(worker: Worker) -> None:
    host, other = await worker.member(), await worker.member()
    room_a, room_b = await host.a_room(), await other.a_room()
    guest_of_b = await arrived(other, room_b, user_id="guest_b")
    intruder = Page(worker, room_a, "guest_b2", guest_of_b.cookies)

    answer = await intruder.enter()

    assert (answer.status, answer.code) == (403, "CANNOT_JOIN_ROOM")
    assert answer.body["details"]["reason"] == "TICKET_INVALID"
    assert (await worker.live(room_a)).guest_seats == ()


async def test_nobody_takes_the_hosts_id_or_another_guests(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id, "user_1777622400000")
    await arrived(host, room_id, user_id="guest_first")
    ours = (await worker.record(room_id)).host_zego_user_id

    for wanted in ("user_1777622400000", "guest_first", ours):
        page = await Page.opened(worker, room_id, await host.an_invite(room_id), wanted)
        answer = await page.enter()
        assert (answer.status, answer.code) == (409, "MEDIA_USER_ID_TAKEN"), wanted


async def test_a_refused_guest_keeps_their_ticket_and_uses_the_invitation_once(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room(settings={"lobbyEnabled": True})
    await host.enter(room_id)
    code = await host.an_invite(room_id, maxUses=1)
    page = await Page.opened(worker, room_id, code)

    waits = [await page.enter() for _ in range(3)]

    assert [(answer.status, answer.body["details"]["reason"]) for answer in waits] == [(403, "LOBBY")] * 3
    assert len((await worker.live(room_id)).lobby_seats) == 1
    invites = (await host.call("GET", f"/interview/rooms/{room_id}/invites")).data["invites"]
    assert invites[0]["uses"] == 1


async def test_authority_is_the_log_ins_whatever_host_is_named(worker: Worker) -> None:
    host, other = await worker.member(), await worker.member()
    room_id = await host.a_room()
    guest = await arrived(host, room_id, identity="helper")
    named = {"roomId": room_id, "hostUserId": (await worker.record(room_id)).host_zego_user_id}

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
        answer = await other.call("POST", f"/zego/{path}", {**named, **more})
        assert (answer.status, answer.code) == (403, code), path

    live = await worker.live(room_id)
    assert len(live.guest_seats) == 1
    assert live.prompter is None


async def test_a_mute_reaches_the_polling_guest_and_a_camera_is_never_switched_on(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id)
    guest = await arrived(host, room_id)
    order = {"roomId": room_id, "targetUserId": guest.user_id}
    await host.call("POST", "/zego/remote-control", {**order, "controlType": "camera", "enabled": True})
    before = await guest.ask("get-remote-control", lastTimestamp=0)

    await host.call("POST", "/zego/remote-control", {**order, "controlType": "microphone", "enabled": False})
    told = await guest.ask("get-remote-control", lastTimestamp=0)
    later = await guest.ask("get-remote-control", lastTimestamp=told.data["messages"][0]["timestamp"])

    assert before.data["messages"] == []
    assert [(each["controlType"], each["enabled"]) for each in told.data["messages"]] == [("microphone", False)]
    assert later.data["messages"] == []
    assert "controlPrompt" in await worker.told(room_id)  # who listens is asked


async def test_the_teleprompter_reaches_helpers_and_never_a_family(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    family = await arrived(host, room_id, "customer", "guest_family")
    helper = await arrived(host, room_id, "helper", "guest_helper")

    started = await host.call(
        "POST", "/zego/quick-start-teleprompter", {"roomId": room_id, "content": TEXT, "scrollSpeed": 1}
    )
    refused = await host.call(
        "POST", "/zego/push-teleprompter", {"roomId": room_id, "content": TEXT, "targetUserIds": ["guest_family"]}
    )
    told = (await helper.ask("get-teleprompter", lastTimestamp=0)).data["messages"]
    await host.call("POST", "/zego/control-teleprompter", {"roomId": room_id, "action": "PAUSE"})
    news = (await helper.ask("get-teleprompter", lastTimestamp=told[0]["timestamp"])).data["messages"]

    for speed in ("NaN", "inf", "fast", True):
        nonsense = {"roomId": room_id, "content": TEXT, "scrollSpeed": speed}
        assert (await host.call("POST", "/zego/push-teleprompter", nonsense)).status in (200, 400)
    assert started.status == 200
    assert (refused.status, refused.code) == (422, "PROMPTER_FOR_HELPERS")
    assert [(each["type"], each["content"], each["action"]) for each in told] == [
        ("CONTENT", TEXT, None),
        ("CONTROL", None, "SHOW"),
        ("CONTROL", None, "PLAY"),
    ]
    assert told[0]["scrollSpeed"] == 5  # brought within bounds
    assert [each["action"] for each in news] == ["SHOW", "PAUSE"]
    assert (await family.ask("get-teleprompter", lastTimestamp=0)).data["messages"] == []


async def test_a_guest_learns_whether_it_was_dismissed_or_removed(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    removed, stayed = await arrived(host, room_id, user_id="g1"), await arrived(host, room_id, user_id="g2")
    await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": "g1"})
    kicked = (await removed.ask("check-room")).data
    await host.call("POST", "/zego/dismiss-room", {"roomId": room_id})
    dismissed = (await stayed.ask("check-room")).data

    assert (kicked["isKicked"], kicked["isDismissed"], kicked["canJoin"]) == (True, False, False)
    assert (dismissed["isKicked"], dismissed["isDismissed"], dismissed["endReason"]) == (False, True, "dismissed")


async def test_a_closing_page_says_who_leaves_by_its_cookie_alone(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id)
    guest = await arrived(host, room_id)

    answer = await guest.close()

    assert answer.status == 200
    assert (await worker.live(room_id)).guest_seats == ()
    assert "peerLeft" in await worker.told(room_id)


async def test_a_guest_that_asks_no_more_loses_its_connection_and_comes_back_by_asking(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    guest = await arrived(host, room_id)
    (seat,) = (await worker.live(room_id)).guest_seats
    await worker.stores.redis.zadd("iv:pollers", {f"{room_id} {seat.participant_id}": 0})

    await worker.media.polling_clients.sweep()
    gone = await worker.seat(room_id, seat.participant_id)
    await guest.ask("get-remote-control", lastTimestamp=0)
    back = await worker.seat(room_id, seat.participant_id)

    assert gone is not None
    assert not gone.connected
    assert back is not None
    assert back.connected


async def test_a_guest_renews_ticket_token_and_turn_credentials(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    code = await host.an_invite(room_id, identity="helper", name="赵阿姨")
    redeemed = await worker.call("POST", f"/interview/invites/{code}/redeem", {"name": "别人"})
    ticket = redeemed.data["ticket"]

    renewed = await worker.call("POST", "/interview/tickets/renew", {"ticket": ticket})
    token = await worker.call("POST", "/interview/token", {}, X_Interview_Ticket=renewed.data["ticket"])
    hosts = await host.call("POST", f"/interview/rooms/{room_id}/token", {})

    assert (redeemed.status, redeemed.data["name"]) == (201, "阿姨-赵阿姨")
    assert renewed.data["participantId"] == redeemed.data["participantId"]
    user_id, access = worker.access(token.data["zego"]["token"])
    assert (user_id, access.room_id) == (redeemed.data["participantId"], room_id)
    turn = token.data["iceServers"][0]
    assert turn["username"].endswith(f":{redeemed.data['participantId']}")
    assert hosts.data["zego"]["userId"] == (await worker.record(room_id)).host_zego_user_id


async def test_invitations_are_listed_counted_and_withdrawn(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    code = await host.an_invite(room_id, maxUses=2)
    await worker.call("POST", f"/interview/invites/{code}/redeem", {})
    (invite,) = (await host.call("GET", f"/interview/rooms/{room_id}/invites")).data["invites"]

    revoked = await host.call("DELETE", f"/interview/rooms/{room_id}/invites/{invite['id']}")
    late = await worker.call("POST", f"/interview/invites/{code}/redeem", {})
    forged = await worker.call("POST", f"/interview/invites/{'A' * 80}/redeem", {})

    assert invite["uses"] == 1
    assert revoked.data["revokedAt"]
    assert (late.status, late.code) == (404, "INVITE_INVALID")
    assert (forged.status, forged.code) == (404, "INVITE_INVALID")


async def test_an_invitation_is_used_up_exactly(worker: Worker) -> None:
    host = await worker.member()
    code = await host.an_invite(await host.a_room(), maxUses=3)

    answers = await asyncio.gather(*(worker.call("POST", f"/interview/invites/{code}/redeem", {}) for _ in range(8)))

    assert sorted(answer.status for answer in answers) == [201] * 3 + [422] * 5
    assert {answer.code for answer in answers if answer.status == 422} == {"INVITE_USED_UP"}


async def test_a_manager_may_look_in_and_dismiss(worker: Worker) -> None:
    host, manager = await worker.member(), await worker.member(Role.MANAGER)
    room_id = await host.a_room()

    looks = await manager.enter(room_id, "user_manager")
    dismissed = await manager.call("POST", "/zego/dismiss-room", {"roomId": room_id})

    assert looks.status == 200
    assert dismissed.status == 200
    assert (await worker.record(room_id)).end_reason == "admin"


async def test_no_secret_and_no_proof_reaches_a_log(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    host = await worker.member()
    room_id = await host.a_room()
    code = await host.an_invite(room_id)
    page = await Page.opened(worker, room_id, code)
    token = (await page.enter()).data["token"]
    await host.call("POST", "/zego/dismiss-room", {"roomId": room_id})

    async def closed() -> bool:
        return bool(await worker.cloud.calls("CloseRoom"))

    await worker.until(closed)
    for hidden in (SIM_PROJECT.server_secret, SIM_PROJECT.callback_secret, token, page.cookies["interview_ticket"]):
        assert hidden not in caplog.text


async def test_without_a_provider_pages_of_today_are_told_so(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> None:
    async with interviewing(mongodb_uri, redis_url, database.name, provider=False) as worker:
        host = await worker.member()
        room_id = await host.a_room()

        answer = await host.enter(room_id)
        renewed = await host.call("POST", f"/interview/rooms/{room_id}/token", {})
        config = await host.call("GET", "/zego/config")

    assert (answer.status, answer.code) == (503, "MEDIA_NOT_CONFIGURED")
    assert renewed.data["zego"] is None
    assert len(renewed.data["iceServers"]) == 1
    assert config.data == {"appId": 0}
