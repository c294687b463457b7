"""Stories of interviews with a provider behind them that is down, reports late, or is forged."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from tests.interviewing import Page, Worker, arrived, interviewing


@pytest.fixture
async def worker(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Worker]:
    async with interviewing(mongodb_uri, redis_url, database.name) as worker:
        yield worker


async def in_media(worker: Worker, page: Page) -> None:
    """A guest's page enters the media room with the token that it was given."""
    answer = await page.enter()
    assert answer.status == 200, answer.body
    status, _ = await worker.cloud.enter(page.room_id, page.user_id, answer.data["token"])
    assert status == 200


async def present(worker: Worker, room_id: str, *users: str) -> None:
    """The reports of the cloud have come through."""

    async def there() -> bool:
        return set(users) <= await worker.stores.media_presence.users(room_id)

    await worker.until(there)


async def closes(worker: Worker, count: int) -> list[dict[str, Any]]:
    async def done() -> bool:
        return len([each for each in await worker.cloud.calls("CloseRoom") if each["code"] in (0, 5024)]) >= count

    await worker.until(done, 30)
    return await worker.cloud.calls("CloseRoom")


async def test_a_kick_while_the_provider_is_down_is_at_once_ours_and_later_theirs(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    code = await host.an_invite(room_id, maxUses=5)
    guest = await Page.opened(worker, room_id, code, "guest_1777_a1")
    await in_media(worker, guest)
    await present(worker, room_id, guest.user_id)
    await worker.cloud.fault("*", 3, status=503)

    kicked = await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": guest.user_id, "reason": "吵闹"})

    assert kicked.status == 200
    assert (await worker.live(room_id)).guest_seats == ()
    assert (await worker.told(room_id)).count("youKicked") == 1
    assert await worker.cloud.people(room_id) == [guest.user_id]  # the provider could not be told yet
    for again in (guest, await Page.opened(worker, room_id, code, "guest_new")):
        refused = await again.enter()
        assert (refused.status, refused.code) == (403, "CANNOT_JOIN_ROOM")

    async def out() -> bool:
        return await worker.cloud.people(room_id) == []

    await worker.until(out, 40)
    assert [notice["code"] for notice in await worker.cloud.notices(guest.user_id)] == [1002055]
    tries = await worker.cloud.calls("KickoutUser")
    assert len(tries) >= 4
    assert tries[-1]["code"] == 0


async def test_a_banned_guest_whose_token_is_still_good_is_put_out_again(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id)
    guest = await arrived(host, room_id)
    token = (await guest.enter()).data["token"]
    await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": guest.user_id})

    status, _ = await worker.cloud.enter(room_id, guest.user_id, token)

    assert status == 200  # the provider knows nothing of our ban

    async def out() -> bool:
        return bool(await worker.cloud.notices(guest.user_id)) and await worker.cloud.people(room_id) == []

    await worker.until(out)


async def test_a_dismissal_is_never_told_as_a_removal_and_closings_are_a_second_apart(worker: Worker) -> None:
    hosts = [await worker.member() for _ in range(3)]
    rooms = [await host.a_room() for host in hosts]
    for host, room_id in zip(hosts, rooms, strict=True):
        page = await arrived(host, room_id, user_id=f"guest_{host.id[-8:]}")
        await in_media(worker, page)

    await asyncio.gather(
        *(host.call("POST", "/zego/dismiss-room", {"roomId": room}) for host, room in zip(hosts, rooms, strict=True))
    )

    calls = await closes(worker, 3)
    assert {call["parameters"]["RoomId"] for call in calls if call["code"] == 0} == set(rooms)
    assert 206 not in [call["code"] for call in calls]
    assert min(later["at"] - earlier["at"] for earlier, later in pairwise(calls)) >= 1.0
    for room_id in rooms:
        told = await worker.told(room_id)
        assert told.count("roomEnded") == 1
        assert "youKicked" not in told
        assert (await worker.record(room_id)).end_reason == "dismissed"


async def test_creating_ending_and_removing_never_wait_for_the_provider(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    guest = await arrived(host, room_id)
    await worker.cloud.fault("*", 50, delaySeconds=30)

    async with asyncio.timeout(10):
        kicked = await host.call("POST", "/zego/kick-user", {"roomId": room_id, "userId": guest.user_id})
        ended = await host.call("POST", f"/interview/rooms/{room_id}/end", {})
        superseding = await host.call("POST", "/interview/rooms", {})

    assert (kicked.status, ended.status, superseding.status) == (200, 200, 201)


async def test_a_late_close_of_an_earlier_session_changes_nothing(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    guest = await arrived(host, room_id)
    await in_media(worker, guest)
    first = (await worker.cloud.get("rooms"))[0]["sessionId"]
    await worker.cloud.leave(room_id, guest.user_id)
    await in_media(worker, guest)
    await present(worker, room_id, guest.user_id)
    before = await worker.live(room_id)

    late = {"event": "room_close", "room_id": room_id, "room_session_id": first, "close_reason": "3"}
    await worker.cloud.order("callbacks", fields=late)
    sent = await worker.cloud.get("callbacks")

    assert (sent[-1]["event"], sent[-1]["status"]) == ("room_close", 200)
    assert await worker.live(room_id) == before
    assert (await worker.record(room_id)).status == "active"
    await present(worker, room_id, guest.user_id)


async def test_a_room_that_somebody_closed_at_the_provider_ends_when_nobody_is_connected(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await in_media(worker, await arrived(host, room_id))
    session = (await worker.cloud.get("rooms"))[0]["sessionId"]

    closed = {"event": "room_close", "room_id": room_id, "room_session_id": session, "close_reason": "3"}
    await worker.cloud.order("callbacks", fields=closed)

    async def ended() -> bool:
        return (await worker.record(room_id)).end_reason == "zegoClosed"

    await worker.until(ended)


async def test_a_host_who_reloads_the_page_does_not_lose_the_room(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    token = (await host.enter(room_id, "user_1")).data["token"]
    await worker.cloud.enter(room_id, "user_1", token)
    await worker.cloud.leave(room_id, "user_1")  # the media room is empty now, and closes
    assert (await worker.cloud.get("callbacks"))[-1]["event"] == "room_close"

    again = await host.enter(room_id, "user_2")

    assert again.status == 200
    assert (await worker.record(room_id)).status == "active"


async def test_a_forged_report_is_refused_and_changes_nothing(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    guest = await arrived(host, room_id)
    await in_media(worker, guest)
    await present(worker, room_id, guest.user_id)
    session = (await worker.cloud.get("rooms"))[0]["sessionId"]
    await worker.cloud.order("knobs", wrongSignature=True)

    forged = {"event": "room_close", "room_id": room_id, "room_session_id": session, "close_reason": "3"}
    await worker.cloud.order("callbacks", fields=forged)
    sent = await worker.cloud.get("callbacks")
    unsigned = await worker.call("POST", "/zego/callback", {"event": "room_close", "room_id": room_id})
    nonsense = await worker.call("POST", "/zego/callback", ["not", "a", "report"])

    assert sent[-1]["status"] == 401
    assert (unsigned.status, unsigned.code) == (401, "CALLBACK_FORGED")
    assert nonsense.status == 401
    assert (await worker.record(room_id)).status == "active"


@pytest.mark.parametrize("knobs", [{"form": True}, {"urlEncoded": True}, {"duplicates": 2}, {"swap": True}])
async def test_reports_count_in_every_form_and_order(worker: Worker, knobs: dict[str, Any]) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await worker.cloud.order("knobs", **knobs)

    await in_media(worker, await arrived(host, room_id, user_id="g1"))
    await in_media(worker, await arrived(host, room_id, user_id="g2"))
    await worker.cloud.order("knobs", swap=False)
    await in_media(worker, await arrived(host, room_id, user_id="g3"))

    await present(worker, room_id, "g1", "g2", "g3")
    assert await worker.cloud.people(room_id) == ["g1", "g2", "g3"]


async def test_a_stranger_in_the_media_room_is_put_out_and_other_rooms_of_the_account_are_left_alone(
    worker: Worker,
) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await worker.cloud.enter(room_id, "stranger")
    await worker.cloud.enter("a_room_of_another_product", "somebody")

    async def out() -> bool:
        return await worker.cloud.people(room_id) == []

    await worker.until(out)
    await worker.cloud.get("callbacks")
    assert await worker.cloud.people("a_room_of_another_product") == ["somebody"]


async def test_who_enters_the_media_room_after_the_end_is_put_out(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    token = (await host.enter(room_id, "user_1")).data["token"]
    await host.call("POST", f"/interview/rooms/{room_id}/end", {})
    await closes(worker, 1)

    await worker.cloud.enter(room_id, "user_1", token)

    async def out() -> bool:
        return await worker.cloud.people(room_id) == []

    await worker.until(out)


async def test_what_no_report_told_is_found_by_looking(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    guest = await arrived(host, room_id)
    await in_media(worker, guest)
    await present(worker, room_id, guest.user_id)
    await worker.cloud.order("knobs", drop=100)
    await worker.cloud.leave(room_id, guest.user_id)
    await worker.cloud.enter(room_id, "stranger")

    await worker.media.room_sync.reconcile(room_id)

    assert guest.user_id not in await worker.stores.media_presence.users(room_id)

    async def out() -> bool:
        return await worker.cloud.people(room_id) == []

    await worker.until(out)


async def test_losing_the_media_room_is_media_off_and_not_gone(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id)
    guest = await arrived(host, room_id)
    await in_media(worker, guest)
    await present(worker, room_id, guest.user_id)

    await worker.cloud.leave(room_id, guest.user_id)
    await worker.cloud.get("callbacks")

    (seat,) = (await worker.live(room_id)).guest_seats
    assert (seat.media.camera, seat.media.mic) == (False, False)
    assert "peerLeft" not in await worker.told(room_id)
