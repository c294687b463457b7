"""Use cases of interview rooms: create, open, end, rate, list, and who may do so."""

import asyncio

import pytest

from domain.audit.model import AuditRecorded
from domain.interviews.errors import (
    ActiveRoomExists,
    NotYourRoom,
    RoomEnded,
    RoomIdTaken,
    RoomNotEnded,
    RoomNotFound,
    ScheduleNotAhead,
)
from domain.interviews.events import InterviewEnded, InterviewOpened, InterviewScheduled
from domain.interviews.participant_ids import staff_participant_id
from domain.interviews.record.listing import RoomQuery, all_rooms, own_rooms
from domain.interviews.record.model import EndReason, RoomStatus, Schedule
from domain.shared.authority import StaffAuthority
from domain.shared.errors import PermissionDenied
from domain.shared.paging import PageRequest
from tests.domain.interviews.builders import HOST, NOW, later, staff
from tests.domain.interviews.fakes import STAFF, InterviewArea

OTHER = staff("b" * 24, name="别人")
MANAGER = staff("c" * 24, "interview:manage", name="王经理")
VIEWER = staff("d" * 24, "interview:view")
SCHEDULE = Schedule(starts_at=later(3600), ends_at=later(7200))


class TestCreating:
    async def test_a_room_belongs_to_the_staff_member_who_created_it(self, area: InterviewArea) -> None:
        room = await area.create(candidate_name="赵阿姨")

        assert (room.host_user_id, room.host_name, room.room_name) == (HOST, "李老师", "李老师的面试间")
        assert room.host_zego_user_id == staff_participant_id(room.room_id, HOST)
        assert (room.status, room.opened_at, room.media_mode) == (RoomStatus.ACTIVE, NOW, "zego")
        assert room.candidate_name == "赵阿姨"
        assert [event.room_id for event in area.records.events_of(InterviewOpened)] == [room.room_id]
        assert len(area.records.events_of(AuditRecorded)) == 1

    async def test_only_hosts_create_rooms(self, area: InterviewArea) -> None:
        with pytest.raises(PermissionDenied):
            await area.create(VIEWER)

    async def test_a_new_room_supersedes_the_active_one(self, area: InterviewArea) -> None:
        first = await area.create()

        second = await area.create(on_conflict="supersede")

        assert area.record(first.room_id).end_reason is EndReason.SUPERSEDED
        assert second.status is RoomStatus.ACTIVE

    async def test_the_active_room_can_be_reused(self, area: InterviewArea) -> None:
        first = await area.create()

        assert await area.create(on_conflict="reuse") == first

    async def test_a_second_active_room_can_be_rejected(self, area: InterviewArea) -> None:
        first = await area.create()

        with pytest.raises(ActiveRoomExists) as refused:
            await area.create(on_conflict="reject")

        assert refused.value.details == {"roomId": first.room_id}

    async def test_of_concurrent_creations_one_room_stays_active(self, area: InterviewArea) -> None:
        await asyncio.gather(*(area.create() for _ in range(5)))

        statuses = [room.status for room in area.records.stored.values()]
        assert sorted(statuses) == [RoomStatus.ACTIVE, *[RoomStatus.ENDED] * 4]

    async def test_concurrent_creations_with_reuse_give_one_room(self, area: InterviewArea) -> None:
        rooms = await asyncio.gather(*(area.create(on_conflict="reuse") for _ in range(5)))

        assert len({room.room_id for room in rooms}) == 1

    async def test_a_repeated_creation_completes_the_room(self, area: InterviewArea) -> None:
        first = await area.create(room_id="room_a")

        again = await area.create(room_id="room_a", candidate_name="赵阿姨", worker_id="e" * 24)
        unchanged = await area.create(room_id="room_a")

        assert (again.id, again.candidate_name, again.worker_id) == (first.id, "赵阿姨", "e" * 24)
        assert unchanged == again
        assert len(area.records.events_of(InterviewOpened)) == 2  # the worker became known

    async def test_a_room_id_of_another_host_is_taken(self, area: InterviewArea) -> None:
        await area.create(room_id="room_a")

        with pytest.raises(RoomIdTaken):
            await area.create(OTHER, room_id="room_a")

        assert area.record("room_a").host_user_id == HOST


class TestScheduling:
    async def test_a_scheduled_room_waits_beside_the_active_one(self, area: InterviewArea) -> None:
        active = await area.create()

        planned = await area.create(schedule=SCHEDULE)

        assert (planned.status, planned.opened_at) == (RoomStatus.SCHEDULED, None)
        assert area.record(active.room_id).status is RoomStatus.ACTIVE
        assert len(area.records.events_of(InterviewOpened)) == 1

    async def test_a_scheduled_room_is_opened_by_its_host(self, area: InterviewArea) -> None:
        active = await area.create()
        planned = await area.create(schedule=SCHEDULE)

        opened = await area.services.rooms.open(staff(), planned.room_id, "supersede", STAFF)
        again = await area.services.rooms.open(staff(), planned.room_id, "reject", STAFF)

        assert opened.status is RoomStatus.ACTIVE
        assert again == opened
        assert area.record(active.room_id).end_reason is EndReason.SUPERSEDED

    async def test_only_the_host_opens_and_reschedules_a_room(self, area: InterviewArea) -> None:
        room_id = (await area.create(schedule=SCHEDULE)).room_id
        manager_who_hosts = staff("c" * 24, "interview:manage", "interview:host")

        for other in (OTHER, manager_who_hosts):
            with pytest.raises(NotYourRoom):
                await area.services.rooms.open(other, room_id, "supersede", STAFF)
            with pytest.raises(NotYourRoom):
                await area.services.rooms.reschedule(other, room_id, SCHEDULE, STAFF)

    async def test_a_scheduled_room_is_rescheduled_until_it_opens(self, area: InterviewArea) -> None:
        room_id = (await area.create(schedule=SCHEDULE)).room_id
        moved = Schedule(starts_at=later(7200), ends_at=later(9000))
        await area.services.rooms.reschedule(staff(), room_id, moved, STAFF)
        assert area.record(room_id).schedule == moved
        assert [event.room_id for event in area.records.events_of(InterviewScheduled)] == [room_id, room_id]
        assert area.records.events_of(AuditRecorded)[-1].before == {"startsAt": SCHEDULE.starts_at.isoformat()}
        await area.services.rooms.open(staff(), room_id, "supersede", STAFF)

        with pytest.raises(ActiveRoomExists):
            await area.services.rooms.reschedule(staff(), room_id, SCHEDULE, STAFF)

    @pytest.mark.parametrize(("starts_in", "ends_in"), [(-7200, -3600), (-3600, 0), (7200, 3600), (3600, 3600)])
    async def test_a_time_that_has_passed_or_ends_before_it_starts_is_refused(
        self, area: InterviewArea, starts_in: int, ends_in: int
    ) -> None:
        room_id = (await area.create(schedule=SCHEDULE)).room_id
        wrong = Schedule(starts_at=later(starts_in), ends_at=later(ends_in))

        with pytest.raises(ScheduleNotAhead):
            await area.create(schedule=wrong)
        with pytest.raises(ScheduleNotAhead):
            await area.services.rooms.reschedule(staff(), room_id, wrong, STAFF)

    async def test_a_cancelled_room_is_not_rescheduled(self, area: InterviewArea) -> None:
        room_id = (await area.create(schedule=SCHEDULE)).room_id
        await area.services.rooms.end_by_staff(staff(), room_id, STAFF)

        with pytest.raises(RoomEnded):
            await area.services.rooms.reschedule(staff(), room_id, SCHEDULE, STAFF)

    async def test_an_ended_room_is_not_opened_again(self, area: InterviewArea) -> None:
        room_id = (await area.create()).room_id
        await area.services.rooms.end(room_id, EndReason.HOST_ENDED, "李老师")

        with pytest.raises(RoomEnded):
            await area.services.rooms.open(staff(), room_id, "supersede", STAFF)


class TestEnding:
    async def test_the_first_of_concurrent_ends_counts(self, area: InterviewArea) -> None:
        room_id = (await area.create()).room_id
        reasons = [EndReason.HOST_ENDED, EndReason.ADMIN, EndReason.MAX_DURATION]

        ended = await asyncio.gather(*(area.services.rooms.end(room_id, reason, "") for reason in reasons))

        assert len({room.end_reason for room in ended}) == 1
        assert len(area.records.events_of(InterviewEnded)) == 1

    @pytest.mark.parametrize(
        ("by", "scheduled", "reason"),
        [
            (staff(), False, EndReason.HOST_ENDED),
            (MANAGER, False, EndReason.ADMIN),
            (staff(), True, EndReason.CANCELLED),
            (MANAGER, True, EndReason.CANCELLED),
        ],
    )
    async def test_the_reason_says_who_ended_what(
        self, area: InterviewArea, by: StaffAuthority, scheduled: bool, reason: EndReason
    ) -> None:
        room = await area.create(schedule=SCHEDULE if scheduled else None)

        ended = await area.services.rooms.end_by_staff(by, room.room_id, STAFF)

        assert (ended.end_reason, ended.ended_by) == (reason, by.name)

    async def test_other_staff_cannot_end_a_room(self, area: InterviewArea) -> None:
        room_id = (await area.create()).room_id

        for other, refusal in ((OTHER, NotYourRoom), (staff("e" * 24, "user:view"), PermissionDenied)):
            with pytest.raises(refusal):
                await area.services.rooms.end_by_staff(other, room_id, STAFF)

        assert area.record(room_id).status is RoomStatus.ACTIVE

    async def test_a_room_that_does_not_exist_cannot_be_ended(self, area: InterviewArea) -> None:
        with pytest.raises(RoomNotFound):
            await area.services.rooms.end("room_x", EndReason.ADMIN, "")


class TestRatingAndReading:
    async def test_an_ended_interview_is_rated(self, area: InterviewArea) -> None:
        room_id = (await area.create()).room_id
        with pytest.raises(RoomNotEnded):
            await area.services.rooms.rate(staff(), room_id, 5, "沟通顺畅", STAFF)
        await area.services.rooms.end(room_id, EndReason.HOST_ENDED, "李老师")

        await area.services.rooms.rate(staff(), room_id, 5, "沟通顺畅", STAFF)
        rated = await area.services.rooms.rate(MANAGER, room_id, None, "再看看", STAFF)

        assert (rated.rating, rated.interview_note, rated.rated_by) == (5, "再看看", "王经理")

    async def test_a_room_is_visible_to_its_host_and_to_managers(self, area: InterviewArea) -> None:
        room_id = (await area.create()).room_id

        for allowed in (staff(), MANAGER):
            assert (await area.services.rooms.get_visible(allowed, room_id)).room_id == room_id
        for refused in (OTHER, VIEWER):
            with pytest.raises(NotYourRoom):
                await area.services.rooms.get_visible(refused, room_id)

    async def test_staff_list_their_own_rooms_and_managers_all(self, area: InterviewArea) -> None:
        for host in (staff(), OTHER):
            await area.create(host)
        query = RoomQuery(status=RoomStatus.ACTIVE)

        own = await area.services.rooms.page(own_rooms(query, staff()), PageRequest())
        everything = await area.services.rooms.page(all_rooms(query, MANAGER), PageRequest())

        assert [room.host_user_id for room in own.list] == [HOST]
        assert everything.total == 2
        with pytest.raises(PermissionDenied):
            all_rooms(query, staff())

    async def test_live_rooms_are_read_by_their_ids(self, area: InterviewArea) -> None:
        room_id = (await area.create()).room_id
        await area.host_joins(room_id)
        await area.guest_joins(room_id)

        live = await area.services.rooms.live_rooms([room_id, "room_x"])

        assert len(live[room_id].admitted_seats) == 2
        assert set(live) == {room_id}
        await area.services.rooms.end(room_id, EndReason.HOST_ENDED, "李老师")
        assert await area.services.rooms.live_rooms([room_id]) == {}
