"""Interview rooms over REST: who may what, one active room a host, and what is left when they have ended."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from tests.interviewing import Worker, arrived, interviewing


@pytest.fixture
async def worker(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, object]]"
) -> AsyncIterator[Worker]:
    async with interviewing(mongodb_uri, redis_url, database.name) as worker:
        yield worker


async def test_a_room_is_made_for_who_is_logged_in_whatever_is_sent(worker: Worker) -> None:
    host = await worker.member()
    claimed = {"hostUserId": "f" * 24, "hostName": "别人"}
    sent = {"roomId": "room_1777622400000_ab12cd", "candidateName": "赵阿姨", **claimed}

    answer = await host.call("POST", "/interview/rooms", sent)

    assert answer.status == 201
    room = answer.data
    assert (room["roomId"], room["hostUserId"], room["hostName"]) == (sent["roomId"], host.id, "李经理")
    assert (room["roomName"], room["status"], room["source"]) == ("李经理的面试间", "active", "pc")
    assert room["candidateName"] == "赵阿姨"


async def test_source_and_address_are_kept_and_the_address_without_its_token(worker: Worker) -> None:
    host = await worker.member()
    address = "https://crm.example/miniprogram/host.html?token=eyJhbGciOi&room=room_a&access_token=x"

    answer = await host.call("POST", "/interview/rooms", {"source": "miniprogram", "hostUrl": address})

    assert answer.data["source"] == "miniprogram"
    assert answer.data["hostUrl"] == "https://crm.example/miniprogram/host.html?room=room_a"
    stored = await worker.stores.database["interview_rooms"].find_one({})
    assert stored is not None
    assert "eyJhbGciOi" not in str(stored)


async def test_parallel_creations_leave_exactly_one_active_room(worker: Worker) -> None:
    host = await worker.member()

    answers = await asyncio.gather(*(host.call("POST", "/interview/rooms", {}) for _ in range(8)))

    assert [answer.status for answer in answers] == [201] * 8
    rooms = worker.stores.database["interview_rooms"]
    assert await rooms.count_documents({"status": "active"}) == 1
    assert await rooms.count_documents({"status": "ended", "endReason": "superseded"}) == 7


async def test_the_host_says_what_becomes_of_the_other_room(worker: Worker) -> None:
    host = await worker.member()
    first = await host.a_room()

    reused = await host.call("POST", "/interview/rooms", {"onConflict": "reuse"})
    rejected = await host.call("POST", "/interview/rooms", {"onConflict": "reject"})
    superseding = await host.call("POST", "/interview/rooms", {"onConflict": "supersede"})

    assert reused.data["roomId"] == first
    assert (rejected.status, rejected.code) == (409, "ACTIVE_ROOM_EXISTS")
    assert rejected.body["details"]["roomId"] == first
    assert (await worker.record(first)).end_reason == "superseded"
    active = await host.call("GET", "/interview/active-room")
    assert active.data["roomId"] == superseding.data["roomId"]


async def test_a_room_that_is_sent_twice_is_made_once_and_learns_what_is_new(worker: Worker) -> None:
    host, other = await worker.member(), await worker.member()
    await host.call("POST", "/interview/rooms", {"roomId": "room_a"})

    again = await host.call("POST", "/interview/rooms", {"roomId": "room_a", "candidateName": "赵阿姨"})
    stolen = await other.call("POST", "/interview/rooms", {"roomId": "room_a"})

    assert (again.status, again.data["candidateName"], again.data["status"]) == (201, "赵阿姨", "active")
    assert (stolen.status, stolen.code) == (409, "ROOM_ID_TAKEN")
    assert (await worker.record("room_a")).host_user_id == host.id


async def test_nobody_sees_or_ends_the_room_of_somebody_else_but_a_manager(worker: Worker) -> None:
    host, other, manager = await worker.member(), await worker.member(), await worker.member(Role.MANAGER)
    room_id = await host.a_room()

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
    assert (await worker.record(room_id)).status == "active"

    assert (await manager.call("GET", f"/interview/rooms/{room_id}")).data["roomId"] == room_id
    ended = await manager.call("POST", f"/interview/rooms/{room_id}/end", {})
    assert (ended.data["endReason"], ended.data["endedBy"]) == ("admin", "李经理")


async def test_ending_again_changes_nothing(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()

    answers = await asyncio.gather(*(host.call("POST", f"/interview/rooms/{room_id}/end", {}) for _ in range(4)))

    assert [answer.status for answer in answers] == [200] * 4
    assert len({(answer.data["endedAt"], answer.data["duration"]) for answer in answers}) == 1
    assert (await worker.told(room_id)).count("roomEnded") == 1


async def test_rating_and_note_are_written_after_the_end(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    review = {"rating": 5, "interviewNote": "沟通顺畅"}

    early = await host.call("PATCH", f"/interview/rooms/{room_id}", review)
    await host.call("POST", f"/interview/rooms/{room_id}/end", {})
    written = await host.call("PATCH", f"/interview/rooms/{room_id}", review)
    beyond = await host.call("PATCH", f"/interview/rooms/{room_id}", {"rating": 6})

    assert (early.status, early.code) == (422, "ROOM_NOT_ENDED")
    assert (written.data["rating"], written.data["interviewNote"], written.data["ratedBy"]) == (5, "沟通顺畅", "李经理")
    assert beyond.status == 400


async def test_an_interview_is_scheduled_moved_and_opened_by_its_host(worker: Worker) -> None:
    host = await worker.member()
    await host.a_room(roomId="room_now")
    tomorrow = {"startsAt": "2126-05-02T02:00:00Z", "endsAt": "2126-05-02T03:00:00Z"}
    later = {"startsAt": "2126-05-03T02:00:00Z", "endsAt": "2126-05-03T03:00:00Z"}

    planned = await host.call("POST", "/interview/rooms", {"roomId": "room_later", "schedule": tomorrow})
    moved = await host.call("PATCH", "/interview/rooms/room_later", {"schedule": later})
    listed = await host.call("GET", "/interview/rooms", query={"status": "scheduled"})
    opened = await host.call("POST", "/interview/rooms/room_later/open", {})

    assert planned.data["status"] == "scheduled"
    assert moved.data["schedule"]["startsAt"] == "2126-05-03T02:00:00.000Z"
    assert [room["roomId"] for room in listed.data["list"]] == ["room_later"]
    assert opened.data["status"] == "active"
    assert (await worker.record("room_now")).end_reason == "superseded"


async def test_lists_are_ones_own_paged_filtered_and_found_by_their_beginning(worker: Worker) -> None:
    host, other, manager = await worker.member(), await worker.member(), await worker.member(Role.MANAGER)
    for number in range(3):
        await host.a_room(roomId=f"room_{number}", candidateName=f"赵阿姨{number}")
    await other.a_room(roomId="room_x", candidateName="赵阿姨0")

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


async def test_a_list_shows_who_is_in_its_active_rooms_right_now(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id)
    await arrived(host, room_id)

    listed = await host.call("GET", "/interview/rooms")

    live = listed.data["list"][0]["live"]
    assert (live["people"], live["hostOnline"], live["phase"]) == (2, True, "live")


async def test_who_was_there_is_remembered_with_coming_and_going(worker: Worker) -> None:
    host = await worker.member()
    room_id = await host.a_room()
    await host.enter(room_id)
    guest = await arrived(host, room_id)
    await guest.close()
    await host.call("POST", f"/interview/rooms/{room_id}/end", {})

    async def noted() -> bool:
        stays = (await worker.record(room_id)).attendance
        return len(stays) == 2 and all(stay.left_at is not None for stay in stays)

    await worker.until(noted)

    answer = await host.call("GET", f"/interview/rooms/{room_id}/participants")
    stays = {stay["role"]: stay for stay in answer.data["stays"]}
    assert stays["guest"]["leftBecause"] == "leave"
    assert stays["host"]["leftBecause"] == "ended"
    assert {person["role"] for person in answer.data["participants"]} == {"host", "guest"}
    assert all(person["leftAt"] for person in answer.data["participants"])


async def test_the_keeper_of_the_resume_is_invited_once_unless_they_host_it_themselves(worker: Worker) -> None:
    host = await worker.member()
    keeper, resumes = "a" * 24, worker.stores.database["resumes"]
    assigned, own = ObjectId(), ObjectId()
    await resumes.insert_one({"_id": assigned, "name": "赵阿姨", "assignedTo": ObjectId(keeper), "userId": ObjectId()})
    await resumes.insert_one({"_id": own, "name": "钱阿姨", "userId": ObjectId(host.id)})

    await host.a_room(roomId="room_own", resumeId=str(own))
    await host.a_room(roomId="room_a", resumeId=str(assigned))

    effects = worker.stores.database["interview_effects"]

    async def rung() -> bool:
        return await effects.count_documents({}) == 1

    await worker.until(rung)
    notice = await effects.find_one({})
    assert notice is not None
    assert (notice["kind"], notice["toStaff"], notice["resumeName"]) == ("INTERVIEW_INVITED", [keeper], "赵阿姨")
    assert notice["operatorName"] == "李经理"
