"""Pool rules: the time when a customer falls, the daily run and its dry run, and keeping a customer."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.customers.errors import CustomerDoesNotFall, KeepLimitReached, NotTheOwner, PoolRulesVersionConflict
from domain.customers.events import CustomerPoolMoved
from domain.customers.levels import LeadLevel
from domain.customers.model import Customer
from domain.customers.recycling.model import PoolRule
from domain.customers.recycling.rules import PoolRuleTable
from domain.customers.stages import Stage, Standing
from domain.shared.actor import SYSTEM, Actor
from domain.shared.authority import Role, StaffAuthority
from tests.domain.customers.builders import NOW, a_customer
from tests.domain.customers.pool_office import PoolOffice, pool_rules

DAY = timedelta(days=1)
RUN = NOW - timedelta(hours=2)  # eight in the morning in Shanghai
ACTOR = Actor(kind="staff", id="li", action="customer.keep")


def held(**fields: Any) -> Customer:
    return a_customer(**{"assigned_to": "li", "assigned_at": RUN - 7 * DAY, **fields})


def by(person: str, role: Role = Role.EMPLOYEE, *permissions: str) -> StaffAuthority:
    return StaffAuthority(
        id=person, username=person, name=person, role=role, permissions=frozenset(permissions), session_id="s"
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, RUN + DAY),  # the run of this day is over
        ({"assigned_at": RUN - 6 * DAY}, RUN + DAY),
        ({"assigned_at": RUN - 6 * DAY + timedelta(minutes=1)}, RUN + 2 * DAY),
        ({"last_follow_up_time": RUN - 2 * DAY}, RUN + 5 * DAY),
        ({"kept_at": RUN - DAY}, RUN + 6 * DAY),
        ({"last_activity_at": RUN}, RUN + DAY),  # edits are no follow-up
        ({"grade": LeadLevel.A, "assigned_at": NOW - DAY}, RUN + 3 * DAY),
        ({"lead_source": "转介绍"}, None),
        ({"is_frozen": True}, None),
        ({"in_public_pool": True, "assigned_to": ""}, None),
        ({"contract_status": Stage.SIGNED}, None),
        ({"contract_status": Stage.SIGNING, "contract_standing": Standing.SIGNING}, None),
    ],
)
def test_a_customer_falls_in_the_first_run_after_its_days(fields: dict[str, Any], expected: datetime | None) -> None:
    rules = pool_rules(PoolRule(lead_source="转介绍"), PoolRule(lead_level=LeadLevel.A, days=3), PoolRule(days=7))

    assert rules.falls_at(held(**fields), NOW) == expected
    assert rules.model_copy(update={"enabled": False}).falls_at(held(**fields), NOW) is None


async def office_with(*customers: Customer, **rules: Any) -> PoolOffice:
    office = PoolOffice(pool_rules(**rules))
    for each in customers:
        await office.work.add(each, SYSTEM)
    return office


async def test_the_run_moves_whom_the_dry_run_named_and_blocks_the_former_owner() -> None:
    office = await office_with(held(), held(assigned_at=RUN - 6 * DAY), held(assigned_at=RUN - 5 * DAY))
    dry = await office.recycling.dry_run(by("boss", Role.ADMIN))
    mine = await office.recycling.dry_run(by("wang"))

    office.clock.at = dry.at + timedelta(minutes=1)
    await office.recycling.run_due()

    assert dry.at == RUN + DAY
    assert office.pooled() == {each.id for each in dry.customers}
    assert (dry.total, dry.by_owner) == (2, {"li": 2})
    assert mine.customers == ()
    moved = office.customers.stored[dry.customers[0].id]
    assert (moved.released_by, moved.released_at) == ("li", office.clock.at)
    moves = office.customers.events_of(CustomerPoolMoved)
    assert {(each.action, each.former_owner_id) for each in moves} == {("enter", "li")}


async def test_missed_runs_are_made_up_for_once() -> None:
    office = await office_with(held())
    await office.recycling.run_due()
    assert len(office.pooled()) == 1
    late = await office.work.add(held(assigned_at=RUN - 9 * DAY), SYSTEM)

    office.clock.at = RUN + DAY - timedelta(minutes=1)
    await office.a_recycling().run_due()
    assert late.id not in office.pooled()

    office.clock.at = RUN + 4 * DAY + timedelta(hours=5)  # three runs were missed
    await office.a_recycling().run_due()
    assert late.id in office.pooled()
    moves = len(office.customers.events_of(CustomerPoolMoved))
    await office.a_recycling().run_due()
    assert len(office.customers.events_of(CustomerPoolMoved)) == moves


async def test_disabled_and_just_changed_rules_move_nobody() -> None:
    for rules in ({"enabled": False}, {"updated_at": RUN + timedelta(minutes=1)}):
        office = await office_with(held(), **rules)
        await office.recycling.run_due()
        assert not office.pooled()
    assert len((await office.recycling.dry_run(by("boss", Role.ADMIN))).customers) == 1


async def test_an_owner_keeps_a_customer_twice_and_a_new_owner_again() -> None:
    office = await office_with(held())
    (customer_id,) = office.customers.stored
    for left in (1, 0):
        kept = await office.recycling.keep(customer_id, "下周面谈", by("li"), ACTOR)
        assert (await office.recycling.countdowns([kept]))[customer_id].keeps_left == left
    assert pool_rules().falls_at(kept, NOW) == RUN + 8 * DAY

    with pytest.raises(KeepLimitReached):
        await office.recycling.keep(customer_id, "再留", by("li"), ACTOR)
    await office.work.change(customer_id, lambda each, now: each.assigned("wang", "boss", "", now), SYSTEM)
    assert (await office.recycling.keep(customer_id, "新客", by("wang"), ACTOR)).keep_count == 1


async def test_who_cannot_keep() -> None:
    office = await office_with(held(created_by="wang"), held(is_frozen=True))
    free, frozen = office.customers.stored

    with pytest.raises(NotTheOwner):
        await office.recycling.keep(free, "x", by("wang"), ACTOR)
    with pytest.raises(CustomerDoesNotFall):
        await office.recycling.keep(frozen, "x", by("li"), ACTOR)


async def test_rules_are_edited_with_the_version_that_was_seen() -> None:
    office = PoolOffice()
    table = PoolRuleTable(office.pool_rules, office.clock, office.ids)
    assert (await table.current()).version == 0

    edited = await table.edit(True, [PoolRule(days=3)], 1, 0, ACTOR)

    assert (await table.current()) == edited
    with pytest.raises(PoolRulesVersionConflict):
        await table.edit(True, [], 1, 0, ACTOR)
