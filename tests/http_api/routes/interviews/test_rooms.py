"""Interview rooms over REST: access, one active room for each host, lists, and the record after the end."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from tests.interview_api import InterviewApi, interview_api, joined_guest
from tests.waiting import eventually


@pytest.fixture
async def api(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[InterviewApi]:
    async with interview_api(mongodb_uri, redis_url, database.name) as api:
        yield api


async def test_a_room_belongs_to_the_logged_in_staff_member(api: InterviewApi) -> None:
    host = await api.staff_member()
    claimed = {"hostUserId": "f" * 24, "hostName": "别人"}
    sent = {"roomId": "room_1777622400000_ab12cd", "candidateName": "赵阿姨", **claimed}

    answer = await host.call("POST", "/interview/rooms", sent)

    assert answer.status == 201
    room = answer.data
    assert (room["roomId"], room["hostUserId"], room["hostName"]) == (sent["roomId"], host.id, "李经理")
    assert (room["roomName"], room["status"], room["source"]) == ("李经理的面试间", "active", "pc")
    assert room["candidateName"] == "赵阿姨"


async def test_source_and_host_address_are_stored_without_tokens(api: InterviewApi) -> None:
    host = await api.staff_member()
    address = "https://crm.example/miniprogram/host.html?token=eyJhbGciOi&room=room_a&access_token=x"

    answer = await host.call("POST", "/interview/rooms", {"source": "miniprogram", "hostUrl": address})

    assert answer.data["source"] == "miniprogram"
    assert answer.data["hostUrl"] == "https://crm.example/miniprogram/host.html?room=room_a"
    stored = await api.stores.database["interview_rooms"].find_one({})
    assert stored is not None
    assert "eyJhbGciOi" not in str(stored)


async def test_a_link_begins_with_the_configured_address_whatever_the_host_header_says(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    invites = f"/interview/rooms/{room_id}/invites"

    answer = await api.running.call("POST", f"/api{invites}", {"identity": "customer"}, host.token, headers=forged)
    opened = await api.running.call("GET", f"/api/interview/i/{answer.data['code']}", headers=forged)

    assert answer.data["inviteLink"] == f"{api.running.url}/api/interview/i/{answer.data['code']}"
    assert opened.headers["Location"] == f"/miniprogram/video-interview-guest.html?roomId={room_id}"


async def test_concurrent_creations_leave_exactly_one_active_room(api: InterviewApi) -> None:
    host = await api.staff_member()

    answers = await asyncio.gather(*(host.call("POST", "/interview/rooms", {}) for _ in range(8)))

    assert [answer.status for answer in answers] == [201] * 8
    rooms = api.stores.database["interview_rooms"]
    assert await rooms.count_documents({"status": "active"}) == 1
    assert await rooms.count_documents({"status": "ended", "endReason": "superseded"}) == 7


async def test_on_conflict_decides_about_the_hosts_other_active_room(api: InterviewApi) -> None:
    host = await api.staff_member()
    first = await host.create_room()

    reused = await host.call("POST", "/interview/rooms", {"onConflict": "reuse"})
    rejected = await host.call("POST", "/interview/rooms", {"onConflict": "reject"})
    superseding = await host.call("POST", "/interview/rooms", {"onConflict": "supersede"})

    assert reused.data["roomId"] == first
    assert (rejected.status, rejected.code) == (409, "ACTIVE_ROOM_EXISTS")
    assert rejected.body["details"]["roomId"] == first
    assert (await api.record(first)).end_reason == "superseded"
    active = await host.call("GET", "/interview/active-room")
    assert active.data["roomId"] == superseding.data["roomId"]


async def test_only_the_host_and_managers_may_see_or_end_a_room(api: InterviewApi) -> None:
    host, other, manager = await api.staff_member(), await api.staff_member(), await api.staff_member(Role.MANAGER)
    room_id = await host.create_room()

    for method, path in (
        ("GET", ""),
        ("GET", "/status"),
        ("GET", "/participants"),
        ("GET", "/invites"),
        ("POST", "/end"),
        ("POST", "/open"),
        ("POST", "/invites"),
        ("PATCH", ""),
    ):
        body: dict[str, object] | None = None if method == "GET" else {}
        answer = await other.call(method, f"/interview/rooms/{room_id}{path}", body)
        assert (answer.status, answer.code) == (403, "NOT_YOUR_ROOM"), path
    assert (await api.record(room_id)).status == "active"

    assert (await manager.call("GET", f"/interview/rooms/{room_id}")).data["roomId"] == room_id
    ended = await manager.call("POST", f"/interview/rooms/{room_id}/end", {})
    assert (ended.data["endReason"], ended.data["endedBy"]) == ("admin", "李经理")


async def test_rating_and_note_are_stored_after_the_end(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    review = {"rating": 5, "interviewNote": "沟通顺畅"}

    early = await host.call("PATCH", f"/interview/rooms/{room_id}", review)
    await host.call("POST", f"/interview/rooms/{room_id}/end", {})
    written = await host.call("PATCH", f"/interview/rooms/{room_id}", review)
    beyond = await host.call("PATCH", f"/interview/rooms/{room_id}", {"rating": 6})

    assert (early.status, early.code) == (422, "ROOM_NOT_ENDED")
    assert (written.data["rating"], written.data["interviewNote"], written.data["ratedBy"]) == (5, "沟通顺畅", "李经理")
    assert beyond.status == 400


async def test_an_interview_is_scheduled_rescheduled_and_opened_by_its_host(api: InterviewApi) -> None:
    host = await api.staff_member()
    await host.create_room(roomId="room_now")
    tomorrow = {"startsAt": "2126-05-02T02:00:00Z", "endsAt": "2126-05-02T03:00:00Z"}
    later = {"startsAt": "2126-05-03T02:00:00Z", "endsAt": "2126-05-03T03:00:00Z"}

    planned = await host.call("POST", "/interview/rooms", {"roomId": "room_later", "schedule": tomorrow})
    moved = await host.call("PATCH", "/interview/rooms/room_later", {"schedule": later})
    listed = await host.call("GET", "/interview/rooms", query={"status": "scheduled"})
    sent_ahead = await host.call("POST", "/interview/rooms/room_later/invites", {"identity": "customer"})
    invitation = f"/interview/invites/{sent_ahead.data['code']}"
    early = [await api.call("GET", invitation), await api.call("POST", f"{invitation}/redeem", {})]
    opened = await host.call("POST", "/interview/rooms/room_later/open", {})
    in_time = [await api.call("GET", invitation), await api.call("POST", f"{invitation}/redeem", {})]

    assert planned.data["status"] == "scheduled"
    assert moved.data["schedule"]["startsAt"] == "2126-05-03T02:00:00.000Z"
    assert [room["roomId"] for room in listed.data["list"]] == ["room_later"]
    assert sent_ahead.data["invite"]["expiresAt"] == "2126-05-04T02:00:00.000Z"
    assert [(early[0].data["open"], early[0].data["startsAt"]), early[1].code] == [
        (False, "2126-05-03T02:00:00.000Z"),
        "ROOM_NOT_OPEN",
    ]
    assert opened.data["status"] == "active"
    assert [in_time[0].data["open"], in_time[1].status] == [True, 201]
    assert (await api.record("room_now")).end_reason == "superseded"


async def test_a_list_has_own_rooms_with_pages_filters_and_prefix_search(api: InterviewApi) -> None:
    host, other, manager = await api.staff_member(), await api.staff_member(), await api.staff_member(Role.MANAGER)
    for number in range(3):
        await host.create_room(roomId=f"room_{number}", candidateName=f"赵阿姨{number}")
    await other.create_room(roomId="room_x", candidateName="赵阿姨0")

    own = await host.call("GET", "/interview/rooms", query={"page": "1", "pageSize": "2"})
    ended = await host.call("GET", "/interview/rooms", query={"status": "ended"})
    found = await host.call("GET", "/interview/rooms", query={"search": "赵阿姨0"})
    pattern = await host.call("GET", "/interview/rooms", query={"search": ".*"})
    everything = await manager.call("GET", "/interview/admin/rooms", query={"search": "赵阿姨0"})
    refused = await host.call("GET", "/interview/admin/rooms")

    assert [room["roomId"] for room in own.data["list"]] == ["room_2", "room_1"]
    assert (own.data["total"], own.data["totalPages"]) == (3, 2)
    assert [room["roomId"] for room in ended.data["list"]] == ["room_1", "room_0"]
    assert [room["roomId"] for room in found.data["list"]] == ["room_0"]
    assert pattern.data["total"] == 0
    assert {room["roomId"] for room in everything.data["list"]} == {"room_0", "room_x"}
    assert refused.status == 403


async def test_a_list_shows_the_live_state_of_active_rooms(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await host.request_token(room_id)
    await joined_guest(host, room_id)

    listed = await host.call("GET", "/interview/rooms")

    live = listed.data["list"][0]["live"]
    assert (live["people"], live["hostOnline"], live["phase"]) == (2, True, "live")


async def test_attendance_is_recorded_with_joins_and_leaves(api: InterviewApi) -> None:
    host = await api.staff_member()
    room_id = await host.create_room()
    await host.request_token(room_id)
    guest = await joined_guest(host, room_id)
    await guest.close()
    await host.call("POST", f"/interview/rooms/{room_id}/end", {})

    async def all_recorded() -> bool:
        periods = (await api.record(room_id)).attendance
        closed = len(periods) == 2 and all(period.left_at is not None for period in periods)
        return closed and not (await api.live(room_id)).unrecorded

    await eventually(all_recorded)

    answer = await host.call("GET", f"/interview/rooms/{room_id}/participants")
    stays = {stay["role"]: stay for stay in answer.data["stays"]}
    assert stays["guest"]["leftBecause"] == "leave"
    assert stays["host"]["leftBecause"] == "ended"
    assert {participant["role"] for participant in answer.data["participants"]} == {"host", "guest"}
    assert all(participant["leftAt"] for participant in answer.data["participants"])


async def test_the_staff_member_responsible_for_the_worker_is_notified_once_unless_hosting(api: InterviewApi) -> None:
    host = await api.staff_member()
    responsible, resumes = await api.staff_member(), api.stores.database["resumes"]
    assigned, own = ObjectId(), ObjectId()
    await resumes.insert_one(
        {"_id": assigned, "name": "赵阿姨", "assignedTo": ObjectId(responsible.id), "userId": ObjectId()},
    )
    await resumes.insert_one({"_id": own, "name": "钱阿姨", "userId": ObjectId(host.id)})

    await host.create_room(roomId="room_own", resumeId=str(own))
    await host.create_room(roomId="room_a", resumeId=str(assigned))

    notices = api.stores.database["notifications"]

    async def notified() -> bool:
        return await notices.count_documents({}) == 1

    await eventually(notified)
    notice = await notices.find_one({})
    assert notice is not None
    assert (notice["type"], notice["userId"]) == ("INTERVIEW_INVITED", ObjectId(responsible.id))
    assert (notice["data"]["resumeName"], notice["data"]["operatorName"]) == ("赵阿姨", "李经理")
