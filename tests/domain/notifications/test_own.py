"""The own notifications: who sees which, and what is read."""

from datetime import timedelta

import pytest

from domain.notifications.errors import NotificationNotFound
from domain.notifications.events import NotificationAudienceChanged, NotificationsRead
from domain.shared.authority import Role
from domain.shared.errors import Unavailable
from tests.domain.notifications.office import BOSS, CLERK, LEAD, OTHER, Office, ThingMoved, member


@pytest.fixture
def office() -> Office:
    return Office()


async def test_a_withdrawn_right_hides_rows_and_count_and_a_returned_one_shows_them(office: Office) -> None:
    await office.happen()
    (row,) = await office.rows(CLERK)

    office.employ(member(CLERK, Role.ADMISSIONS))
    reader = office.staff.members[CLERK]
    hidden = await office.rows(CLERK), await office.unread(CLERK)
    with pytest.raises(NotificationNotFound):
        await office.services.own.mark_read(reader, [row.id])
    marked = await office.services.own.mark_all_read(reader)
    office.employ(member(CLERK, Role.EMPLOYEE))

    assert (hidden, marked) == (([], 0), 0)
    assert await office.rows(CLERK) == [row]
    assert await office.unread(CLERK) == 1


async def test_notifications_follow_a_record_that_changes_hands(office: Office) -> None:
    await office.happen(to=(CLERK, LEAD), owner=OTHER, overseers=True)
    assert (await office.unread(CLERK), await office.unread(LEAD)) == (0, 1)
    await office.happen("two", overseers=True)

    moved = ThingMoved(id="moved", at=office.clock.now(), thing="1", owner=OTHER)
    await office.services.ownership.follow([moved])

    assert [await office.unread(each) for each in (CLERK, LEAD, BOSS)] == [0, 1, 2]
    told = office.publisher.events[-1]
    assert isinstance(told, NotificationAudienceChanged)
    assert set(told.user_ids) == {CLERK, LEAD, BOSS}


async def test_a_fact_that_is_told_after_the_record_changed_hands_is_for_its_new_owner(office: Office) -> None:
    created, now = office.event(to=(CLERK, OTHER), overseers=True), office.clock.now()
    to_other = ThingMoved(id="second", at=now + timedelta(seconds=1), thing="1", owner=OTHER)
    await office.services.ownership.follow([to_other, ThingMoved(id="first", at=now, thing="1", owner=CLERK)])

    await office.services.sender.follow([created])

    assert [await office.unread(each) for each in (CLERK, OTHER, BOSS)] == [0, 1, 1]
    assert CLERK not in dict(office.announced)


async def test_a_record_of_nobody_is_for_those_who_see_every_record(office: Office) -> None:
    await office.happen(overseers=True)

    await office.services.ownership.follow([ThingMoved(id="moved", at=office.clock.now(), thing="1", owner="")])

    assert (len(await office.rows(CLERK)), await office.unread(CLERK), await office.unread(BOSS)) == (0, 0, 1)


async def test_rows_of_others_are_not_found_and_nothing_changes(office: Office) -> None:
    await office.happen(overseers=True)
    (own,), (theirs,) = await office.rows(CLERK), await office.rows(BOSS)
    before = list(office.publisher.events)

    for ids in ([own.id, theirs.id], [own.id, "f" * 24]):
        with pytest.raises(NotificationNotFound) as refused:
            await office.services.own.mark_read(office.staff.members[CLERK], ids)
        assert refused.value.details == {"ids": ids[1:]}

    assert await office.unread(CLERK) == 1
    assert office.publisher.events == before


async def test_marking_again_changes_nothing_and_is_announced_again(office: Office) -> None:
    await office.happen()
    (row,) = await office.rows(CLERK)
    reader, own = office.staff.members[CLERK], office.services.own
    office.publisher.failure = Unavailable()
    with pytest.raises(Unavailable):
        await own.mark_read(reader, [row.id])
    first = await office.rows(CLERK)
    office.clock.advance(60)

    await own.mark_read(reader, [row.id])

    assert await office.rows(CLERK) == first
    assert isinstance(office.publisher.events[-1], NotificationsRead)
    assert await office.unread(CLERK) == 0


async def test_all_are_marked_up_to_the_moment_that_the_reader_saw(office: Office) -> None:
    await office.happen("one")
    seen = office.clock.now()
    office.clock.advance(1)
    await office.happen("two")
    reader, own = office.staff.members[CLERK], office.services.own

    assert await own.mark_all_read(reader, seen) == 1
    assert await office.unread(CLERK) == 1
    assert await own.mark_all_read(reader, office.clock.now() + timedelta(days=1)) == 1
    told = office.publisher.events[-1]
    assert isinstance(told, NotificationsRead)
    assert told.before == office.clock.now()  # never later than now: later rows are not read


async def test_the_counts_of_many_are_within_the_rights_of_each(office: Office) -> None:
    await office.happen("one", overseers=True)
    await office.happen("two", to=(BOSS,))

    members = office.staff.members
    counts = await office.services.counts.of_all([members[each] for each in (BOSS, CLERK, OTHER)])

    assert counts == {BOSS: 2, CLERK: 1, OTHER: 0}
