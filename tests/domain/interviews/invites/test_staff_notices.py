"""Notices to the staff member who is responsible for the worker of an interview."""

import pytest

from domain.interviews.invites.staff_notices import ResponsibleStaff
from domain.interviews.record.model import Schedule
from tests.domain.interviews.builders import HOST, later, staff
from tests.domain.interviews.fakes import STAFF, InterviewArea

WORKER, COLLEAGUE = "e" * 24, "b" * 24
SCHEDULE = Schedule(starts_at=later(3600), ends_at=later(7200))


@pytest.fixture
def area() -> InterviewArea:
    area = InterviewArea()
    area.workers.stored[WORKER] = ResponsibleStaff(staff_id=COLLEAGUE, worker_name="赵阿姨")
    return area


async def test_the_responsible_staff_member_gets_a_notice(area: InterviewArea) -> None:
    room = await area.create(worker_id=WORKER)

    await area.deliver_events()

    [notice] = area.notices.stored.values()
    assert (notice.to_staff, notice.worker_id, notice.worker_name) == ((COLLEAGUE,), WORKER, "赵阿姨")
    assert (notice.room_id, notice.operator_name) == (room.room_id, "李老师")


async def test_several_openings_of_a_room_give_one_notice(area: InterviewArea) -> None:
    await area.create(room_id="room_a")
    await area.deliver_events()
    assert area.notices.stored == {}

    await area.create(room_id="room_a", worker_id=WORKER)
    events = list(area.records.events)
    for _ in range(2):
        area.records.events += events
        await area.deliver_events()

    assert len(area.notices.stored) == 1


async def test_a_scheduled_room_gives_a_notice_when_it_opens(area: InterviewArea) -> None:
    room_id = (await area.create(worker_id=WORKER, schedule=SCHEDULE)).room_id
    await area.deliver_events()
    assert area.notices.stored == {}

    await area.services.rooms.open(staff(), room_id, "supersede", STAFF)
    await area.deliver_events()

    assert len(area.notices.stored) == 1


@pytest.mark.parametrize("responsible", [None, ResponsibleStaff(staff_id=HOST)], ids=["unknown", "the host"])
async def test_no_notice_is_due_without_another_responsible_staff_member(
    area: InterviewArea, responsible: ResponsibleStaff | None
) -> None:
    area.workers.stored = {WORKER: responsible} if responsible else {}

    await area.create(worker_id=WORKER)
    await area.deliver_events()

    assert area.notices.stored == {}
