"""Background work on live rooms: deadlines, attendance written into the record, and repair after losses of data."""

import asyncio

import pytest

from domain.interviews.errors import RoomEnded
from domain.interviews.live.commands import ChatSend, ControlRequest, Kick
from domain.interviews.record.model import EndReason, Schedule
from domain.interviews.value_types import RoomPhase
from domain.shared.errors import Unavailable
from tests.domain.interviews.builders import NOW, later, staff
from tests.domain.interviews.fakes import Client, InterviewArea

ROOM = "room_a"
HOUR = 3600


@pytest.fixture
async def area() -> InterviewArea:
    area = InterviewArea()
    await area.create(room_id=ROOM)
    await area.deliver_events()
    return area


@pytest.fixture
async def host(area: InterviewArea) -> Client:
    return await area.host_joins(ROOM)


@pytest.fixture
async def guest(area: InterviewArea, host: Client) -> Client:
    return await area.guest_joins(ROOM)


class TestDeadlines:
    async def test_a_room_that_is_never_entered_ends_as_a_no_show(self, area: InterviewArea) -> None:
        await area.pass_time(599)
        assert area.record(ROOM).end_reason is None

        await area.pass_time(1)

        assert area.record(ROOM).end_reason is EndReason.NO_SHOW_TIMEOUT
        assert area.room(ROOM).ended

    async def test_guests_without_their_host_are_told_and_the_interview_ends(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await host.leave()
        assert "hostAbsent" in guest.received()

        await area.pass_time(600)

        assert area.record(ROOM).end_reason is EndReason.HOST_TIMEOUT
        assert area.pushes(ROOM)[-1] == "roomEnded"

    async def test_an_interview_that_all_have_left_ends_as_empty(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await guest.leave()
        await host.leave()

        await area.pass_time(600)

        assert area.record(ROOM).end_reason is EndReason.EMPTY_TIMEOUT

    async def test_only_the_return_of_the_host_stops_the_grace_period(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await host.leave()
        await area.pass_time(500)
        late = await area.guest_joins(ROOM)
        assert area.room(ROOM).phase is RoomPhase.HOST_ABSENT

        await host.join()
        await area.pass_time(HOUR)

        assert area.record(ROOM).end_reason is None
        assert "hostBack" in late.received()

    async def test_an_interview_in_progress_ends_after_its_longest_duration_only(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await area.pass_time(4 * HOUR - 1)
        assert area.record(ROOM).end_reason is None

        await area.pass_time(1)

        assert area.record(ROOM).end_reason is EndReason.MAX_DURATION
        assert area.record(ROOM).duration == 4 * HOUR

    async def test_the_seat_of_a_dropped_guest_is_given_up_after_thirty_seconds(
        self, area: InterviewArea, guest: Client
    ) -> None:
        await guest.drop()

        await area.pass_time(30)

        assert guest.seat is None
        [left] = [push.payload for push in area.pushed(ROOM) if push.event == "peerLeft"]
        assert left["reason"] == "timeout"
        await guest.join()
        assert guest.is_connected

    async def test_an_unanswered_device_request_expires_after_fifteen_seconds(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await host.send(ControlRequest(target=guest.id, device="camera", enabled=True))

        await area.pass_time(15)

        assert area.room(ROOM).device_requests == ()
        assert area.pushed(ROOM)[-1].payload["result"] == "noResponse"

    async def test_two_processes_end_a_room_once(self, area: InterviewArea) -> None:
        other = area.another_process("process-2").interviews.maintenance
        area.clock.advance(600)

        await area.services.maintenance.apply_due_deadlines()
        await other.apply_due_deadlines()

        assert area.pushes(ROOM).count("roomEnded") == 1

    async def test_a_room_is_due_again_after_an_outage_of_the_records(self, area: InterviewArea, host: Client) -> None:
        await host.leave()
        await area.services.maintenance.record_all()
        area.records.unavailable = True
        await area.pass_time(600)
        assert not area.room(ROOM).ended

        with pytest.raises(RoomEnded):  # the end has been decided, but is not in the record yet
            await host.join()
        area.records.unavailable = False
        await area.pass_time(10)

        assert area.room(ROOM).ended
        assert area.record(ROOM).end_reason is EndReason.NO_SHOW_TIMEOUT

    async def test_a_live_room_without_a_record_ends(self, area: InterviewArea) -> None:
        area.records.stored.clear()

        await area.pass_time(600)

        assert area.room(ROOM).ended

    async def test_the_deadline_of_a_room_that_the_store_lost_is_dropped(self, area: InterviewArea) -> None:
        area.store.lose(ROOM)

        await area.pass_time(600)

        assert await area.store.room_ids() == []


class TestAttendance:
    async def test_joins_and_leaves_are_recorded_with_their_reasons(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        area.clock.advance(60)
        await guest.leave()
        await area.services.maintenance.record_all()

        attended, left = area.record(ROOM).attendance
        assert (attended.participant_id, attended.left_at) == (host.id, None)
        assert (left.participant_id, left.joined_at, left.left_at) == (guest.id, NOW, later(60))
        assert left.left_because == "leave"
        assert area.record(ROOM).started_at == NOW
        assert area.room(ROOM).unrecorded == ()

    async def test_the_end_closes_every_attendance_period(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        area.clock.advance(60)
        await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")

        await area.services.maintenance.record_all()

        periods = area.record(ROOM).attendance
        assert [(period.left_at, period.left_because) for period in periods] == [(later(60), "ended")] * 2
        assert all(participant.left_at for participant in area.record(ROOM).participants)

    async def test_a_kicked_guest_is_recorded_as_kicked(self, area: InterviewArea, host: Client, guest: Client) -> None:
        await host.send(Kick(participant_id=guest.id))

        await area.services.maintenance.record_all()

        assert area.record(ROOM).attendance[-1].left_because == "kicked"

    async def test_entries_of_a_process_that_died_are_recorded_by_another(
        self, area: InterviewArea, guest: Client
    ) -> None:
        survivor = area.another_process("process-2").interviews.maintenance
        await survivor.record_all()
        assert area.record(ROOM).attendance == ()

        area.clock.advance(3)
        await survivor.apply_due_deadlines()

        assert len(area.record(ROOM).attendance) == 2

    async def test_entries_are_kept_during_an_outage_and_recorded_once(
        self, area: InterviewArea, guest: Client
    ) -> None:
        area.records.unavailable = True
        with pytest.raises(Unavailable):
            await area.services.maintenance.record_all()

        area.records.unavailable = False
        for _ in range(2):
            await area.services.maintenance.record_all()

        assert len(area.record(ROOM).attendance) == 2

    async def test_entries_made_while_others_are_recorded_stay_for_the_next_time(
        self, area: InterviewArea, guest: Client
    ) -> None:
        recording = area.services.maintenance.record(ROOM)

        await asyncio.gather(recording, guest.send(ChatSend(client_msg_id="1", text="您好")))
        await area.services.maintenance.record_all()

        assert len(area.record(ROOM).attendance) == 2
        assert len(area.record(ROOM).chat) == 1


class TestReconciliation:
    async def test_a_live_room_that_the_store_lost_is_created_again(self, area: InterviewArea, guest: Client) -> None:
        await area.services.maintenance.record_all()
        area.store.lose(ROOM)

        await area.services.maintenance.reconcile()

        assert area.room(ROOM).phase is RoomPhase.HOST_ABSENT
        assert area.room(ROOM).known_guests == {guest.id: ""}

    async def test_a_ban_that_the_store_lost_is_enforced_again(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        before = area.room(ROOM)
        await host.send(Kick(participant_id=guest.id))
        area.store.stored[ROOM] = before  # the store came back without its last second

        await area.services.maintenance.reconcile()

        assert guest.seat is None

    async def test_a_scheduled_room_that_is_not_opened_in_time_is_cancelled(self, area: InterviewArea) -> None:
        schedule = Schedule(starts_at=later(HOUR), ends_at=later(2 * HOUR))
        await area.create(staff("b" * 24), room_id="room_b", schedule=schedule)
        area.clock.advance(3 * HOUR)
        await area.services.maintenance.reconcile()
        assert area.record("room_b").end_reason is None

        area.clock.advance(1)
        await area.services.maintenance.reconcile()

        assert area.record("room_b").end_reason is EndReason.CANCELLED


async def test_the_live_room_is_created_when_the_interview_opens(area: InterviewArea) -> None:
    assert area.room(ROOM).grace_ends_at == later(600)


async def test_an_opening_that_is_delivered_after_the_end_creates_no_live_room() -> None:
    area = InterviewArea()
    await area.create(room_id=ROOM)
    await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")

    await area.deliver_events()

    assert area.store.stored == {}
