"""Interviews while the media provider is down, its reports are late or lost, or a report is forged."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from tests.interview_api import InterviewApi, LegacyGuestPage, interview_api, joined_guest
from tests.waiting import eventually


@pytest.fixture
async def api(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[InterviewApi]:
    async with interview_api(mongodb_uri, redis_url, database.name) as api:
        yield api


async def enter_media_room(api: InterviewApi, page: LegacyGuestPage) -> None:
    """The guest page requests a token and enters the media room with it."""
    answer = await page.request_token()
    assert answer.status == 200, answer.body
    status, _ = await api.cloud.enter(page.room_id, page.user_id, answer.data["token"])
    assert status == 200


async def wait_for_presence(api: InterviewApi, room_id: str, *users: str) -> None:
    """Waits until the reports of the provider about these users have arrived."""

    async def all_present() -> bool:
        return set(users) <= await api.stores.media_presence.users(room_id)

    await eventually(all_present)


async def wait_for_closings(api: InterviewApi, count: int) -> list[dict[str, Any]]:
    async def done() -> bool:
        return len([each for each in await api.cloud.calls("CloseRoom") if each["code"] in (0, 5024)]) >= count

    await eventually(done, 30)
    return await api.cloud.calls("CloseRoom")


async def test_a_kick_during_an_outage_of_the_provider_takes_effect_at_once_and_reaches_it_later(
    api: InterviewApi,
) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    code = await host.create_invite(room_id, maxUses=5)
    guest = await LegacyGuestPage.opened(api, room_id, code, "guest_1777_a1")
    await enter_media_room(api, guest)
    await wait_for_presence(api, room_id, guest.user_id)
    await api.cloud.fault("*", 3, status=503)

    kicked = await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": guest.user_id, "reason": "吵闹"})

    assert kicked.status == 200
    assert (await api.live(room_id)).guest_seats == ()
    assert (await api.pushed_events(room_id)).count("youKicked") == 1
    assert await api.cloud.people(room_id) == [guest.user_id]  # the provider is still down
    for page in (guest, await LegacyGuestPage.opened(api, room_id, code, "guest_new")):
        refused = await page.request_token()
        assert (refused.status, refused.code) == (403, "CANNOT_JOIN_ROOM")

    async def removed() -> bool:
        return await api.cloud.people(room_id) == []

    await eventually(removed, 40)
    assert [notice["code"] for notice in await api.cloud.notices(guest.user_id)] == [1002055]
    tries = await api.cloud.calls("KickoutUser")
    assert len(tries) >= 4
    assert tries[-1]["code"] == 0


async def test_a_banned_guest_with_a_valid_media_token_is_removed_again(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await host.request_token(room_id)
    guest = await joined_guest(host, room_id)
    token = (await guest.request_token()).data["token"]
    await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": guest.user_id})

    status, _ = await api.cloud.enter(room_id, guest.user_id, token)

    assert status == 200  # the provider does not know the ban

    async def removed() -> bool:
        return bool(await api.cloud.notices(guest.user_id)) and await api.cloud.people(room_id) == []

    await eventually(removed)


async def test_a_dismissal_is_not_reported_as_a_removal_and_close_calls_are_a_second_apart(api: InterviewApi) -> None:
    hosts = [await api.staff_member() for _ in range(3)]
    rooms = [await host.create_room() for host in hosts]
    for host, room_id in zip(hosts, rooms, strict=True):
        page = await joined_guest(host, room_id, user_id=f"guest_{host.id[-8:]}")
        await enter_media_room(api, page)

    await asyncio.gather(
        *(host.call("POST", "/zego/dismiss-room", {"roomId": room}) for host, room in zip(hosts, rooms, strict=True))
    )

    calls = await wait_for_closings(api, 3)
    assert {call["parameters"]["RoomId"] for call in calls if call["code"] == 0} == set(rooms)
    assert 206 not in [call["code"] for call in calls]
    assert min(later["at"] - earlier["at"] for earlier, later in pairwise(calls)) >= 1.0
    for room_id in rooms:
        events = await api.pushed_events(room_id)
        assert events.count("roomEnded") == 1
        assert "youKicked" not in events
        assert (await api.record(room_id)).end_reason == "dismissed"


async def test_a_room_closed_at_the_provider_ends_when_no_participant_is_connected(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await enter_media_room(api, await joined_guest(host, room_id))
    session = (await api.cloud.get("rooms"))[0]["sessionId"]

    closed = {"event": "room_close", "room_id": room_id, "room_session_id": session, "close_reason": "3"}
    await api.cloud.order("callbacks", fields=closed)

    async def ended() -> bool:
        return (await api.record(room_id)).end_reason == "zegoClosed"

    await eventually(ended)


async def test_a_host_who_reloads_the_page_keeps_the_room(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    token = (await host.request_token(room_id, "user_1")).data["token"]
    await api.cloud.enter(room_id, "user_1", token)
    await api.cloud.leave(room_id, "user_1")  # the empty media room closes
    assert (await api.cloud.get("callbacks"))[-1]["event"] == "room_close"

    again = await host.request_token(room_id, "user_2")

    assert again.status == 200
    assert (await api.record(room_id)).status == "active"


async def test_a_forged_report_is_refused_and_changes_nothing(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    guest = await joined_guest(host, room_id)
    await enter_media_room(api, guest)
    await wait_for_presence(api, room_id, guest.user_id)
    session = (await api.cloud.get("rooms"))[0]["sessionId"]
    await api.cloud.order("knobs", wrongSignature=True)

    forged = {"event": "room_close", "room_id": room_id, "room_session_id": session, "close_reason": "3"}
    await api.cloud.order("callbacks", fields=forged)
    sent = await api.cloud.get("callbacks")
    unsigned = await api.call("POST", "/zego/callback", {"event": "room_close", "room_id": room_id})
    malformed = await api.call("POST", "/zego/callback", ["not", "a", "report"])

    assert sent[-1]["status"] == 401
    assert (unsigned.status, unsigned.code) == (401, "CALLBACK_FORGED")
    assert malformed.status == 401
    assert (await api.record(room_id)).status == "active"


@pytest.mark.parametrize("knobs", [{"form": True}, {"urlEncoded": True}, {"duplicates": 2}, {"swap": True}])
async def test_reports_are_accepted_in_every_format_and_order(api: InterviewApi, knobs: dict[str, Any]) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await api.cloud.order("knobs", **knobs)

    await enter_media_room(api, await joined_guest(host, room_id, user_id="g1"))
    await enter_media_room(api, await joined_guest(host, room_id, user_id="g2"))
    await api.cloud.order("knobs", swap=False)
    await enter_media_room(api, await joined_guest(host, room_id, user_id="g3"))

    await wait_for_presence(api, room_id, "g1", "g2", "g3")
    assert await api.cloud.people(room_id) == ["g1", "g2", "g3"]


async def test_changes_without_a_report_are_found_by_querying_the_provider(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    guest = await joined_guest(host, room_id)
    await enter_media_room(api, guest)
    await wait_for_presence(api, room_id, guest.user_id)
    await api.cloud.order("knobs", drop=100)
    await api.cloud.leave(room_id, guest.user_id)
    await api.cloud.enter(room_id, "stranger")

    await api.media.room_sync.reconcile(room_id)

    assert guest.user_id not in await api.stores.media_presence.users(room_id)

    async def removed() -> bool:
        return await api.cloud.people(room_id) == []

    await eventually(removed)
