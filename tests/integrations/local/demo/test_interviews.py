"""The interviews of the demonstration."""

from collections import Counter

from domain.interviews.record.listing import RoomFilter
from domain.interviews.record.model import RoomStatus
from domain.shared.paging import PageRequest
from integrations.local.demo.interview_seed import BOOKED, ENDED, seed_interviews
from integrations.local.demo.staff import demo_staff
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.interviews import interview_rooms


async def test_there_are_booked_and_ended_interviews_of_several_hosts_and_they_are_seeded_once(
    base: Infrastructure,  # the fixture
) -> None:
    members, _ = await demo_staff(base)

    made = await seed_interviews(base, members[1:])
    again = await seed_interviews(base, members[1:])

    assert (made, again) == (BOOKED + ENDED, 0)
    page = await interview_rooms(base).page(RoomFilter(), PageRequest(page_size=100))
    rooms, now = page.list, base.clock.now()
    assert Counter(room.status for room in rooms) == {RoomStatus.SCHEDULED: BOOKED, RoomStatus.ENDED: ENDED}
    assert len({room.host_user_id for room in rooms}) == 3
    assert len({room.candidate_phone for room in rooms}) == len(rooms)
    assert all(room.schedule and room.schedule.starts_at > now for room in rooms if room.status == "scheduled")
    for room in rooms:
        if room.status == "ended":
            assert room.rating
            assert room.started_at
            assert room.duration
            assert len(room.participants) == 3
            assert room.ended_at
            assert room.ended_at < now
