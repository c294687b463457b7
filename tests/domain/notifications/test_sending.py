"""Sending: one notification for each recipient, type and fact, to those who may see the record."""

import pytest

from domain.notifications.ports import ResponsiblePerson
from domain.shared.authority import Role
from domain.shared.errors import Unavailable
from domain.shared.events import StreamEntry
from domain.shared.notifications import RecordRef
from tests.domain.notifications.office import (
    BOSS,
    CLERK,
    LEAD,
    MERGED,
    OTHER,
    PLAIN,
    Office,
    Rights,
    member,
)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_a_fact_that_is_told_again_is_stored_once_and_announced_again(office: Office) -> None:
    event = await office.happen(overseers=True)
    await office.services.sender.follow([event, office.event(overseers=True)])

    assert await office.unread(CLERK) == await office.unread(BOSS) == 1
    assert office.announced == [(BOSS, 1), (CLERK, 1)] * 3


async def test_another_fact_of_the_same_record_is_another_notification(office: Office) -> None:
    await office.happen("one")
    await office.happen("two")

    assert await office.unread(CLERK) == 2


async def test_what_was_stored_is_announced_when_the_first_announcement_failed(office: Office) -> None:
    office.publisher.failure = Unavailable()
    event = office.event()
    with pytest.raises(Unavailable):
        await office.services.sender.follow([event])

    await office.services.sender.follow([event])

    assert office.announced == [(CLERK, 1)]
    assert await office.unread(CLERK) == 1


async def test_a_value_stays_within_its_part_of_the_address(office: Office) -> None:
    await office.happen(customer="王&芳 #/")

    assert (await office.rows(CLERK))[0].action_url == "#/things?thing=%E7%8E%8B%26%E8%8A%B3%20%23%2F"


async def test_a_person_who_was_reached_twice_by_the_rule_gets_one(office: Office) -> None:
    await office.happen(to=(BOSS, BOSS), overseers=True)

    assert await office.unread(BOSS) == 1


@pytest.mark.parametrize(
    ("role", "owner", "gets"),
    [
        (Role.EMPLOYEE, CLERK, True),
        (Role.EMPLOYEE, OTHER, False),  # outside of the scope
        (Role.EMPLOYEE, "", True),  # of a record without an owner
        (Role.ADMISSIONS, CLERK, False),  # lacks the permission
    ],
)
async def test_only_who_may_see_the_record_gets_it(office: Office, role: Role, owner: str, gets: bool) -> None:
    office.employ(member(CLERK, role))

    await office.happen(owner=owner)

    assert bool(office.announced) is gets
    assert bool(office.store.rows) is gets


async def test_a_manager_oversees_the_own_department_only(office: Office) -> None:
    await office.happen("one", owner=OTHER, to=(), overseers=True)
    await office.happen("two", owner=CLERK, to=(), overseers=True)

    assert await office.unread(LEAD) == 1
    assert await office.unread(BOSS) == 2


async def test_who_left_and_who_knows_already_get_none(office: Office) -> None:
    del office.staff.members[OTHER]

    await office.happen(to=(CLERK, OTHER), overseers=True, without=(BOSS, LEAD))

    assert office.announced == [(CLERK, 1)]


async def test_changed_rights_count_from_their_event_on(office: Office) -> None:
    await office.happen("one")
    office.employ(member(CLERK, Role.ADMISSIONS))

    event = Rights(id="rights", at=office.clock.now())
    office.services.staff_table.take([StreamEntry(offset="1-1", event=event)])
    await office.happen("two")

    assert office.announced == [(CLERK, 1)]


async def test_the_responsible_person_of_another_area_gets_it_with_the_name_of_the_record(office: Office) -> None:
    office.records.responsible[RecordRef(kind="resume", id="w")] = ResponsiblePerson(
        staff_id=CLERK, record_name="赵阿姨"
    )

    await office.happen(to=(), worker="w")
    await office.happen("unknown", to=(), worker="nobody")

    (row,) = await office.rows(CLERK)
    assert (row.content, row.data["resumeName"]) == ("赵阿姨", "赵阿姨")


async def test_a_notification_reads_in_both_languages_and_a_value_is_no_template(office: Office) -> None:
    await office.happen(customer="{{kind}}\u202e<b>")

    (row,) = await office.rows(CLERK)
    assert (row.title, row.title_en) == ("新：{{kind}}<b>", "new: {{kind}}<b>")
    assert row.data["kind"] == {"zh": "新", "en": "new"}
    assert (row.about, row.scope) == (RecordRef(kind="thing", id="1"), ("contract", f"contract:{CLERK}"))


async def test_an_event_that_is_no_such_fact_sends_nothing(office: Office) -> None:
    await office.happen(silent=True)

    assert office.publisher.events == []


async def test_facts_of_one_record_within_a_period_become_one_row_with_a_count() -> None:
    office = Office(MERGED)
    await office.happen("one")
    await office.services.own.mark_all_read(office.staff.members[CLERK])
    office.clock.advance(60)

    second = await office.happen("two", customer="李雷")
    await office.services.sender.follow([second])

    (row,) = await office.rows(CLERK)
    assert (row.title, row.count, row.status) == ("新：李雷", 2, "SENT")
    assert await office.unread(CLERK) == 1
    assert office.announced == [(CLERK, 1), (CLERK, 2), (CLERK, 2)]


async def test_merging_keeps_records_periods_people_and_types_apart() -> None:
    office = Office(PLAIN, MERGED)
    await office.happen("one", to=(CLERK, BOSS))
    await office.happen("two", thing="2")
    office.clock.advance(3600)
    await office.happen("three")

    counts = [(row.type, row.count) for row in await office.rows(CLERK)]

    assert sorted(counts) == [("THING", 1)] * 3 + [("THINGS", 1)] * 3
    assert await office.unread(BOSS) == 2


async def test_a_fact_that_concerns_many_is_announced_in_parts() -> None:
    office = Office()
    office.employ(*(member(f"{number:024x}", Role.OPERATOR) for number in range(250)))

    await office.happen(to=(), overseers=True)

    assert [len(event.to) for event in office.publisher.events] == [100, 100, 51]  # type: ignore[attr-defined]
    assert len(office.store.rows) == 251
