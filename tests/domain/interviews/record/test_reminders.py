"""Reminders of scheduled interviews: once for each start, a quarter of an hour before it."""

import asyncio
from datetime import timedelta

import pytest

from domain.interviews.events import InterviewAboutToBegin
from domain.interviews.record.model import InterviewRoom, Schedule
from tests.domain.interviews.builders import NOW, staff
from tests.domain.interviews.fakes import STAFF, InterviewArea

START = NOW + timedelta(hours=1)
SCHEDULE = Schedule(starts_at=START, ends_at=START + timedelta(minutes=30))


def told(area: InterviewArea) -> list[tuple[str, float]]:
    """Room and minutes from NOW of each start that was told."""
    events = area.records.events_of(InterviewAboutToBegin)
    return [(event.room_id, (event.starts_at - NOW).total_seconds() / 60) for event in events]


async def remind_at(area: InterviewArea, minutes: float) -> None:
    """Two app processes run the job at the same moment, twice."""
    area.clock.time = NOW + timedelta(minutes=minutes)
    other = area.another_process("process-2").interviews
    for _ in range(2):
        await asyncio.gather(area.services.reminders.run_due(), other.reminders.run_due())


async def planned(area: InterviewArea) -> InterviewRoom:
    return await area.create(schedule=SCHEDULE, worker_id="a" * 24)


async def test_an_interview_is_reminded_of_once_fifteen_minutes_before(area: InterviewArea) -> None:
    room = await planned(area)

    await remind_at(area, 44.9)
    assert told(area) == []
    await remind_at(area, 45)
    await remind_at(area, 59)

    [event] = area.records.events_of(InterviewAboutToBegin)
    assert (event.room_id, event.host_user_id, event.worker_id) == (room.room_id, room.host_user_id, "a" * 24)
    assert event.starts_at == START


async def test_a_moved_interview_is_reminded_of_again_and_one_that_only_gets_longer_is_not(area: InterviewArea) -> None:
    room = await planned(area)
    await remind_at(area, 50)

    longer = Schedule(starts_at=START, ends_at=START + timedelta(hours=1))
    await area.services.rooms.reschedule(staff(), room.room_id, longer, STAFF)
    await remind_at(area, 51)
    moved = Schedule(starts_at=START + timedelta(hours=1), ends_at=START + timedelta(hours=2))
    await area.services.rooms.reschedule(staff(), room.room_id, moved, STAFF)
    await remind_at(area, 52)
    await remind_at(area, 105)

    assert told(area) == [(room.room_id, 60), (room.room_id, 120)]


@pytest.mark.parametrize("before", ["cancelled", "opened"])
async def test_a_cancelled_or_opened_interview_is_not_reminded_of(area: InterviewArea, before: str) -> None:
    room = await planned(area)
    if before == "cancelled":
        await area.services.rooms.end_by_staff(staff(), room.room_id, STAFF)
    else:
        await area.services.rooms.open(staff(), room.room_id, "supersede", STAFF)

    await remind_at(area, 50)

    assert told(area) == []


async def test_an_interview_that_is_moved_while_the_job_runs_is_not_told_with_its_former_start(
    area: InterviewArea,
) -> None:
    room = await planned(area)
    area.clock.time = NOW + timedelta(minutes=50)
    moved = Schedule(starts_at=START + timedelta(days=1), ends_at=START + timedelta(days=1, hours=1))

    await asyncio.gather(
        area.services.rooms.reschedule(staff(), room.room_id, moved, STAFF), area.services.reminders.run_due()
    )

    record = area.record(room.room_id)
    assert record.schedule == moved
    assert record.reminded_at is None


@pytest.mark.parametrize(("minutes", "count"), [(75, 1), (90, 0)])
async def test_a_missed_reminder_is_caught_up_once_until_the_scheduled_end(
    area: InterviewArea, minutes: float, count: int
) -> None:
    await planned(area)

    await remind_at(area, minutes)

    assert len(told(area)) == count
