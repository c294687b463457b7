"""Which notifications interviews give, and to whom."""

from datetime import timedelta
from typing import Any

from domain.interviews.events import InterviewAboutToBegin, InterviewEnded, InterviewOpened, InterviewScheduled
from domain.interviews.notification_types import NOTIFICATIONS
from domain.interviews.record.model import EndReason, Schedule
from domain.shared.events import DomainEvent
from domain.shared.notifications import Notice, Recipients, RecordRef, ResponsibleFor
from tests.domain.interviews.builders import HOST, NOW, later, staff
from tests.domain.interviews.fakes import STAFF, InterviewArea

WORKER = "e" * 24
OWNER = ResponsibleFor(RecordRef(kind="resume", id=WORKER), "resumeName")
SCHEDULE = Schedule(starts_at=later(3600), ends_at=later(7200))
LATER = Schedule(starts_at=later(10_800), ends_at=later(14_400))


def notices(events: list[DomainEvent]) -> list[tuple[str, Notice]]:
    found = []
    for event in events:
        for kind in NOTIFICATIONS.types:
            notice = kind.notice(event) if isinstance(event, kind.cause) else None
            if notice is not None:
                found.append((kind.code, notice))
    return found


def values_of(notice: Notice) -> dict[str, Any]:
    return notice.values.model_dump(by_alias=True)


async def test_the_responsible_person_is_told_once_of_an_opened_interview_unless_hosting() -> None:
    area = InterviewArea()
    room = await area.create(worker_id=WORKER, schedule=SCHEDULE)
    assert notices(area.records.events) == []  # it is scheduled

    await area.services.rooms.open(staff(), room.room_id, "supersede", STAFF)
    opened = next(event for event in area.records.events if isinstance(event, InterviewOpened))

    [(code, notice)] = notices(area.records.events)
    assert code == "INTERVIEW_INVITED"
    assert notice.to == Recipients(responsible=OWNER, without=(HOST,))
    assert notice.about == RecordRef(kind="interview", id=room.room_id)
    again = notices([opened.model_copy(update={"id": "f" * 24})])
    assert again[0][1].fact == notice.fact  # several openings of a room are one fact


async def test_an_interview_without_a_worker_tells_nobody_that_it_was_opened() -> None:
    area = InterviewArea()

    await area.create()

    assert notices(area.records.events) == []


async def test_a_moved_interview_is_told_with_both_times_to_the_others() -> None:
    area = InterviewArea()
    room = await area.create(worker_id=WORKER, schedule=SCHEDULE)

    await area.services.rooms.reschedule(staff(), room.room_id, SCHEDULE, STAFF)
    await area.services.rooms.reschedule(staff(), room.room_id, LATER, STAFF)

    [(code, notice)] = notices(area.records.events)
    assert (code, notice.to) == ("INTERVIEW_MOVED", Recipients((HOST,), responsible=OWNER, without=(STAFF.id,)))
    assert (values_of(notice)["formerStart"], values_of(notice)["startsAt"]) == ("11-24 17:00", "11-24 19:00")
    assert any(isinstance(event, InterviewScheduled) for event in area.records.events)


async def test_only_a_scheduled_interview_is_told_as_cancelled() -> None:
    area = InterviewArea()
    scheduled = await area.create(room_id="room_a", worker_id=WORKER, schedule=SCHEDULE)
    active = await area.create(room_id="room_b")

    await area.services.rooms.end_by_staff(staff(), scheduled.room_id, STAFF)
    await area.services.rooms.end_by_staff(staff(), active.room_id, STAFF)

    [(code, notice)] = notices([event for event in area.records.events if isinstance(event, InterviewEnded)])
    assert (code, notice.about.id) == ("INTERVIEW_CANCELLED", "room_a")
    assert values_of(notice)["operatorName"] == "李老师"


def test_each_start_of_an_interview_is_one_fact_for_host_and_responsible_person() -> None:
    def beginning(minutes: int) -> Notice:
        event = InterviewAboutToBegin(
            id=f"{minutes}",
            at=NOW,
            room_id="room_1",
            room_name="面试",
            host_user_id=HOST,
            host_name="李老师",
            worker_id=WORKER,
            starts_at=NOW + timedelta(minutes=minutes),
        )
        [(code, notice)] = notices([event])
        assert code == "INTERVIEW_ABOUT_TO_BEGIN"
        return notice

    first, again, moved = beginning(10), beginning(10), beginning(70)

    assert first.to == Recipients((HOST,), responsible=OWNER)
    assert first.fact == again.fact != moved.fact


def test_an_ended_room_that_was_not_cancelled_is_no_fact() -> None:
    event = InterviewEnded(
        id="1", at=NOW, room_id="r", host_user_id=HOST, reason=EndReason.HOST_ENDED, ended_by="李老师", duration=1
    )

    assert notices([event]) == []
