"""The promises of the stores of records and media jobs, checked on MongoDB and on the stores of the domain tests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.interviews.errors import ActiveRoomExists, RoomIdTaken
from domain.interviews.media.jobs import MediaJob, MediaJobStore, media_job
from domain.interviews.ports import InterviewRoomRepository
from domain.interviews.record.entries import ChatMessageSent, ParticipantJoined, ParticipantLeft
from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import Ban, InterviewRoom, RoomStatus, Schedule
from domain.interviews.value_types import ChatMessage
from domain.shared.errors import Conflict
from domain.shared.paging import PageRequest, PageTooDeep
from integrations.mongo.interviews.media_jobs import MongoMediaJobStore
from integrations.mongo.interviews.rooms import MongoInterviewRoomRepository
from integrations.mongo.outbox import Outbox
from tests.domain.interviews.builders import an_invite
from tests.domain.interviews.memory import MemoryInterviewRooms, MemoryMediaJobs
from tests.integrations.mongo.interviews.builders import HOST, NOW, a_room

OTHER_HOST = "66f0a1b2c3d4e5f6a7b8c9d1"
ENDED: dict[str, Any] = {"status": RoomStatus.ENDED, "ended_at": NOW}
HOUR = timedelta(hours=1)


@dataclass
class Stores:
    rooms: InterviewRoomRepository
    jobs: MediaJobStore


@pytest.fixture(params=["mongodb", "memory"])
async def stores(request: pytest.FixtureRequest, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> Stores:
    if request.param == "memory":
        return Stores(MemoryInterviewRooms(), MemoryMediaJobs())
    rooms, jobs = MongoInterviewRoomRepository(database, Outbox(database)), MongoMediaJobStore(database)
    await rooms.create_indexes()
    await jobs.create_indexes()
    return Stores(rooms, jobs)


class TestInterviewRoomRepository:
    async def test_a_saved_room_is_found_with_all_its_parts(self, stores: Stores) -> None:
        joined = ParticipantJoined(participant_id="p1", name="客户-王", role="guest", identity="customer", at=NOW)
        left = ParticipantLeft(participant_id="p1", because="kicked", at=NOW + timedelta(minutes=5))
        ban = Ban(participant_id="p1", name="客户-王", invite_id="i1", reason="吵闹", by="host", at=NOW)
        room = a_room(schedule=Schedule(starts_at=NOW, ends_at=NOW + HOUR), candidate_phone="13800138000")
        room = room.with_entries((joined, left), NOW).with_ban(ban, NOW)

        saved = await stores.rooms.save(room, [])

        assert saved.version == 1
        assert [
            await stores.rooms.find(room.id),
            await stores.rooms.find_by_room_id("room_a"),
            await stores.rooms.active_of(HOST),
            await stores.rooms.latest_of(HOST),
        ] == [saved] * 4

    async def test_unknown_ids_find_nothing(self, stores: Stores) -> None:
        await stores.rooms.save(a_room(**ENDED), [])

        assert [
            await stores.rooms.find("0" * 24),
            await stores.rooms.find("no id"),
            await stores.rooms.find_by_room_id(""),
            await stores.rooms.active_of(HOST),
            await stores.rooms.latest_of(OTHER_HOST),
        ] == [None] * 5

    async def test_a_host_has_one_active_room_and_any_number_of_others(self, stores: Stores) -> None:
        await stores.rooms.save(a_room("room_old", **ENDED), [])
        await stores.rooms.save(a_room("room_older", **ENDED), [])
        await stores.rooms.save(a_room("room_planned", status=RoomStatus.SCHEDULED), [])
        await stores.rooms.save(a_room("room_a"), [])

        with pytest.raises(ActiveRoomExists):
            await stores.rooms.save(a_room("room_b"), [])
        await stores.rooms.save(a_room("room_b", host_user_id=OTHER_HOST), [])

    async def test_a_scheduled_room_cannot_be_opened_beside_an_active_one(self, stores: Stores) -> None:
        planned = await stores.rooms.save(a_room("room_planned", status=RoomStatus.SCHEDULED), [])
        await stores.rooms.save(a_room("room_a"), [])

        with pytest.raises(ActiveRoomExists):
            await stores.rooms.save(planned.opened(NOW), [])

        assert await stores.rooms.find(planned.id) == planned

    async def test_one_of_many_rooms_created_at_once_is_active(self, stores: Stores) -> None:
        saves = [stores.rooms.save(a_room(f"room_{number}"), []) for number in range(10)]
        outcomes = await asyncio.gather(*saves, return_exceptions=True)

        [saved] = [outcome for outcome in outcomes if isinstance(outcome, InterviewRoom)]
        assert sum(isinstance(outcome, ActiveRoomExists) for outcome in outcomes) == 9
        assert await stores.rooms.active_ids("", 10) == [saved.room_id]

    async def test_a_room_id_is_taken_once(self, stores: Stores) -> None:
        await stores.rooms.save(a_room(**ENDED), [])

        with pytest.raises(RoomIdTaken):
            await stores.rooms.save(a_room(**ENDED), [])

    async def test_a_save_over_another_version_is_a_conflict(self, stores: Stores) -> None:
        first = await stores.rooms.save(a_room(**ENDED), [])
        rated = await stores.rooms.save(first.rated(5, "很好", "李经理", NOW), [])

        with pytest.raises(Conflict) as refused:
            await stores.rooms.save(first.rated(1, "", "李经理", NOW), [])

        assert type(refused.value) is Conflict
        assert await stores.rooms.find(first.id) == rated

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            *(("李经理", True), ("李经理的面", True), ("李 经理", True), ("王阿", True), ("厨", True)),
            *(("1380", True), ("room_17776224", True), ("AD-17776224", True), ("ad-1777622400000", True)),
            *(("经理", False), ("8000", False), (".*", False), ("138", False)),
        ],
    )
    async def test_a_search_matches_the_beginning_of_names_and_numbers(
        self, stores: Stores, search: str, found: bool
    ) -> None:
        candidate = {"candidate_name": "王阿姨", "candidate_phone": "13800138000", "candidate_position": "厨师"}
        await stores.rooms.save(a_room("room_1777622400000_ab12cd", **candidate), [])

        page = await stores.rooms.page(RoomFilter(search=search), PageRequest())

        assert page.total == int(found)

    async def test_pages_are_newest_first(self, stores: Stores) -> None:
        for number in range(5):
            await stores.rooms.save(a_room(f"room_{number}", created_at=NOW + number * HOUR, **ENDED), [])

        page = await stores.rooms.page(RoomFilter(host_user_id=HOST), PageRequest(page=2, page_size=2))

        assert [room.room_id for room in page.list] == ["room_2", "room_1"]
        assert (page.total, page.total_pages) == (5, 3)
        latest = await stores.rooms.latest_of(HOST)
        assert latest is not None
        assert latest.room_id == "room_4"

    @pytest.mark.parametrize("wanted", [RoomFilter(), RoomFilter(host_user_id=HOST, search="李经")])
    async def test_scheduled_rooms_are_soonest_first(self, stores: Stores, wanted: RoomFilter) -> None:
        for number, hours in enumerate((2, 3, 1)):
            schedule = Schedule(starts_at=NOW + hours * HOUR, ends_at=NOW + 5 * HOUR)
            await stores.rooms.save(a_room(f"room_{number}", status=RoomStatus.SCHEDULED, schedule=schedule), [])

        page = await stores.rooms.page(wanted.model_copy(update={"status": RoomStatus.SCHEDULED}), PageRequest())

        assert [room.room_id for room in page.list] == ["room_2", "room_0", "room_1"]

    async def test_a_page_omits_chat_attendance_and_invitations(self, stores: Stores) -> None:
        message = ChatMessage(id="m1", from_id="p1", from_name="王", text="您好", at=NOW)
        joined = ParticipantJoined(participant_id="p1", name="客户-王", role="guest", identity="customer", at=NOW)
        room = a_room().with_entries((joined, ChatMessageSent(message=message)), NOW).with_invite(an_invite(), NOW)
        await stores.rooms.save(room, [])

        [listed] = (await stores.rooms.page(RoomFilter(), PageRequest())).list

        assert (listed.chat, listed.attendance, listed.invites) == ((), (), ())
        assert len(listed.participants) == 1

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (RoomFilter(), {"active", "ended", "other"}),
            (RoomFilter(host_user_id=HOST), {"active", "ended"}),
            (RoomFilter(status=RoomStatus.ENDED), {"ended"}),
            (RoomFilter(host_user_id=OTHER_HOST, search="李经"), {"other"}),
            (RoomFilter(status=RoomStatus.ENDED, search="acti"), set()),
        ],
    )
    async def test_filters_are_combined(self, stores: Stores, wanted: RoomFilter, found: set[str]) -> None:
        await stores.rooms.save(a_room("active"), [])
        await stores.rooms.save(a_room("ended", **ENDED), [])
        await stores.rooms.save(a_room("other", host_user_id=OTHER_HOST), [])

        page = await stores.rooms.page(wanted, PageRequest())

        assert {room.room_id for room in page.list} == found

    async def test_a_page_that_is_too_deep_is_refused(self, stores: Stores) -> None:
        with pytest.raises(PageTooDeep):
            await stores.rooms.page(RoomFilter(), PageRequest(page=1_000, page_size=100))

    async def test_scheduled_rooms_whose_end_has_passed_are_found(self, stores: Stores) -> None:
        for number, ends_at in enumerate((NOW - HOUR, NOW - 2 * HOUR, NOW, NOW + HOUR)):
            schedule = Schedule(starts_at=ends_at - HOUR, ends_at=ends_at)
            await stores.rooms.save(a_room(f"room_{number}", status=RoomStatus.SCHEDULED, schedule=schedule), [])
        await stores.rooms.save(
            a_room("room_open", schedule=Schedule(starts_at=NOW - 3 * HOUR, ends_at=NOW - HOUR)), []
        )

        assert [room.room_id for room in await stores.rooms.scheduled_until(NOW, 10)] == ["room_1", "room_0"]
        assert [room.room_id for room in await stores.rooms.scheduled_until(NOW, 1)] == ["room_1"]

    async def test_rooms_about_to_begin_are_found_until_reminded_of(self, stores: Stores) -> None:
        for number, starts_at in enumerate((NOW, NOW - HOUR, NOW + HOUR, NOW)):
            schedule = Schedule(starts_at=starts_at, ends_at=starts_at + HOUR)
            status = RoomStatus.ENDED if number == 3 else RoomStatus.SCHEDULED
            await stores.rooms.save(a_room(f"room_{number}", status=status, schedule=schedule), [])

        due = await stores.rooms.due_for_reminder(NOW, 10)
        reminded = await stores.rooms.save(due[0].reminded(NOW), [])

        assert [room.room_id for room in due] == ["room_1", "room_0"]
        assert [room.room_id for room in await stores.rooms.due_for_reminder(NOW, 10)] == ["room_0"]
        moved = reminded.rescheduled(Schedule(starts_at=NOW, ends_at=NOW + HOUR), NOW)
        await stores.rooms.save(moved, [])
        assert {room.room_id for room in await stores.rooms.due_for_reminder(NOW, 10)} == {"room_0", "room_1"}

    async def test_ids_of_active_rooms_are_paged_in_ascending_order(self, stores: Stores) -> None:
        for number in (2, 0, 1):
            await stores.rooms.save(a_room(f"room_{number}", host_user_id=f"{number:024x}"), [])
        await stores.rooms.save(a_room("room_3", **ENDED), [])

        assert await stores.rooms.active_ids("", 2) == ["room_0", "room_1"]
        assert await stores.rooms.active_ids("room_1", 2) == ["room_2"]


def a_job(key: str = "1", **fields: Any) -> MediaJob:
    return media_job(key, "closeRoom", "room_a", NOW).model_copy(update=fields)


class TestMediaJobStore:
    async def test_an_added_job_is_claimed_with_its_try_counted(self, stores: Stores) -> None:
        job = a_job(user_ids=("a", "b"), reason="kicked", until=NOW + HOUR)
        await stores.jobs.add([job])

        claimed = await stores.jobs.claim("closeRoom", NOW, 60)

        assert claimed == job.model_copy(update={"tries": 1, "next_try_at": NOW + timedelta(seconds=60)})

    async def test_a_job_is_claimed_by_its_kind_when_it_is_due(self, stores: Stores) -> None:
        await stores.jobs.add([a_job(next_try_at=NOW + HOUR)])

        assert await stores.jobs.claim("closeRoom", NOW, 60) is None
        assert await stores.jobs.claim("putOut", NOW + HOUR, 60) is None
        assert await stores.jobs.claim("closeRoom", NOW + HOUR, 60) is not None

    async def test_the_job_that_is_due_longest_comes_first(self, stores: Stores) -> None:
        await stores.jobs.add([a_job("late", next_try_at=NOW), a_job("early", next_try_at=NOW - HOUR)])

        claimed = [await stores.jobs.claim("closeRoom", NOW, 60) for _ in range(2)]

        assert [job.key for job in claimed if job] == ["closeRoom:early", "closeRoom:late"]

    async def test_one_of_many_concurrent_claims_gets_the_job(self, stores: Stores) -> None:
        await stores.jobs.add([a_job()])

        claims = await asyncio.gather(*(stores.jobs.claim("closeRoom", NOW, 60) for _ in range(5)))

        assert sum(claim is not None for claim in claims) == 1

    async def test_a_job_whose_lease_has_expired_is_claimed_again(self, stores: Stores) -> None:
        await stores.jobs.add([a_job()])
        await stores.jobs.claim("closeRoom", NOW, 60)

        again = await stores.jobs.claim("closeRoom", NOW + timedelta(seconds=60), 60)

        assert again is not None
        assert again.tries == 2

    async def test_a_postponed_job_is_due_at_its_new_time(self, stores: Stores) -> None:
        await stores.jobs.add([a_job()])

        await stores.jobs.postpone("closeRoom:1", NOW + HOUR)

        assert await stores.jobs.claim("closeRoom", NOW + HOUR - timedelta(seconds=1), 60) is None
        assert await stores.jobs.claim("closeRoom", NOW + HOUR, 60) is not None

    async def test_a_completed_job_is_never_claimed_again(self, stores: Stores) -> None:
        await stores.jobs.add([a_job()])
        await stores.jobs.complete("closeRoom:1", NOW)

        await stores.jobs.postpone("closeRoom:1", NOW)

        assert await stores.jobs.claim("closeRoom", NOW + HOUR, 60) is None

    @pytest.mark.parametrize("finish", [lambda jobs: jobs.complete("closeRoom:1", NOW), lambda jobs: asyncio.sleep(0)])
    async def test_a_job_that_is_stored_is_not_added_again(self, stores: Stores, finish: Callable[..., Any]) -> None:
        await stores.jobs.add([a_job()])
        await stores.jobs.claim("closeRoom", NOW, 60)
        await finish(stores.jobs)

        await stores.jobs.add([a_job(), a_job("2")])

        claims = [await stores.jobs.claim("closeRoom", NOW, 60) for _ in range(2)]
        assert [job.key for job in claims if job] == ["closeRoom:2"]
