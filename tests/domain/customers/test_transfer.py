"""Automatic transfer: what is due, how leads are dealt, one run an hour, and the prediction that is the run."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from domain.customers.events import CustomerAssigned, CustomerTransferred
from domain.customers.model import Customer, FollowUpStatus
from domain.customers.stages import Stage
from domain.customers.transfer.model import (
    CreatedRange,
    DistributionConfig,
    ExecutionWindow,
    RuleUsage,
    quota_users,
)
from domain.customers.transfer.plan import is_due, plan
from domain.shared.actor import SYSTEM
from domain.shared.business_day import business_day
from tests.domain.customers.builders import NOW, a_customer
from tests.domain.customers.transfer_office import MemoryRecords, TransferOffice, a_rule

HOUR = timedelta(hours=1)
IDLE = NOW - 48 * HOUR


def idle_lead(**fields: Any) -> Customer:
    return a_customer(**{"assigned_to": "li", "last_activity_at": IDLE, "created_at": IDLE, **fields})


@pytest.mark.parametrize(
    ("fields", "conditions"),
    [
        ({"assigned_to": "wang"}, {}),
        ({"last_activity_at": IDLE + HOUR}, {}),
        ({"in_public_pool": True, "assigned_to": ""}, {}),
        ({"is_frozen": True}, {}),
        ({"auto_transfer_enabled": False}, {}),
        ({"contract_status": Stage.INTERVIEWED}, {}),
        ({"contract_status": Stage.SIGNED}, {"contract_statuses": (Stage.SIGNED,)}),
        ({"lead_source": "转介绍"}, {}),
        ({"lead_source": "抖音"}, {"lead_sources": ("美团",)}),
        ({"last_transferred_at": NOW - 23 * HOUR}, {}),
        ({"transfer_count": 2}, {"max_transfer_count": 2}),
        ({}, {"created_date_range": CreatedRange(start_date=business_day(NOW))}),
    ],
)
def test_leads_that_a_rule_does_not_take(fields: dict[str, Any], conditions: dict[str, Any]) -> None:
    assert not is_due(a_rule(conditions=conditions), idle_lead(**fields), NOW)


@pytest.mark.parametrize(
    ("fields", "conditions"),
    [
        ({}, {}),
        ({"lead_source": "转介绍"}, {"lead_sources": ("转介绍",)}),
        ({"last_transferred_at": NOW - 24 * HOUR}, {}),
        ({"transfer_count": 99}, {}),
        ({}, {"created_date_range": CreatedRange(start_date=business_day(IDLE), end_date=business_day(IDLE))}),
    ],
)
def test_leads_that_a_rule_takes(fields: dict[str, Any], conditions: dict[str, Any]) -> None:
    assert is_due(a_rule(conditions=conditions), idle_lead(**fields), NOW)


def test_the_plan_takes_the_longest_idle_deals_evenly_and_can_be_repeated() -> None:
    leads = [idle_lead(last_activity_at=IDLE - number * HOUR) for number in range(9)]
    people = ["wang", "zhao", "stranger"]

    planned = plan(a_rule(), leads, people, {}, NOW, most=6)

    assert {each.customer.id for each in planned} == {each.id for each in leads[3:]}
    assert Counter(each.to_user_id for each in planned) == {"wang": 3, "zhao": 3}
    assert planned == plan(a_rule(), leads[::-1], ["zhao", "wang"], {}, NOW, most=6)
    later = [plan(a_rule(), leads, people, {}, NOW + hour * HOUR, most=9) for hour in range(3)]
    assert len({tuple(each.customer.id for each in planned) for planned in later}) == 3


def test_nobody_gets_an_own_lead_and_who_was_skipped_is_next() -> None:
    rule = a_rule(user_quotas=quota_users(("li", "wang"), ("li", "wang")))
    leads = [idle_lead(assigned_to=owner) for owner in ("li", "li", "wang", "wang", "wang")]

    planned = plan(rule, leads, ["li", "wang"], {}, NOW, most=100)

    assert len(planned) == 5
    assert all(each.to_user_id != each.from_user_id for each in planned)
    only_owner = a_rule(user_quotas=quota_users(("li",), ("li",)))
    assert plan(only_owner, leads[:1], ["li"], {}, NOW, most=100) == []


def test_with_compensation_who_gave_more_is_served_first() -> None:
    rule = a_rule(distribution_config=DistributionConfig(enable_compensation=True))
    usage = {"zhao": RuleUsage(transferred_out=3), "wang": RuleUsage(transferred_in=1)}

    firsts = {
        plan(rule, [idle_lead()], ["wang", "zhao"], usage, NOW + hour * HOUR, most=1)[0].to_user_id for hour in range(9)
    }

    assert firsts == {"zhao"}


async def office_with_leads(number: int, **rule: Any) -> TransferOffice:
    office = TransferOffice(a_rule(**rule))
    for _ in range(number):
        await office.work.add(idle_lead(), SYSTEM)
    return office


async def test_the_run_does_what_was_predicted_and_starts_the_clock_of_the_new_owner() -> None:
    office = await office_with_leads(5)
    office.clock.at = NOW - HOUR / 2
    prediction = await office.transfer.predict(a_rule().id)

    office.clock.at = NOW + timedelta(seconds=20)
    await office.transfer.run_due()

    assert prediction.at == NOW
    assert office.owners() == {each.customer.id: each.to_user_id for each in prediction.planned}
    moved = next(iter(office.customers.stored.values()))
    assert (moved.last_activity_at, moved.transfer_count) == (office.clock.at, 1)
    assert moved.follow_up_status is FollowUpStatus.TRANSFERRED
    assert {each.rule_id for each in office.customers.events_of(CustomerTransferred)} == {a_rule().id}
    assert office.held_by("wang") == sorted(each for each, owner in office.owners().items() if owner == "wang")


async def test_a_rule_runs_once_an_hour_also_after_a_restart() -> None:
    office = await office_with_leads(1)
    await office.transfer.run_due()
    await office.work.add(idle_lead(), SYSTEM)

    for minutes in (0, 1, 9, 30, 59):
        office.clock.at = NOW + timedelta(minutes=minutes)
        await office.a_process().run_due()
    assert Counter(office.owners().values())["li"] == 1

    office.clock.at = NOW + HOUR + timedelta(seconds=30)
    await office.a_process().run_due()
    assert Counter(office.owners().values())["li"] == 0


async def test_scheduled_runs_keep_to_the_window_and_skip_rules_that_are_off_or_new() -> None:
    for rule in (
        {"enabled": False},
        {"execution_window": ExecutionWindow(start_time="10:30", end_time="18:30")},  # it is ten in Shanghai
        {"updated_at": NOW + timedelta(seconds=1)},
    ):
        office = await office_with_leads(1, **rule)
        office.clock.at = NOW + timedelta(minutes=2)
        await office.transfer.run_due()
        assert set(office.owners().values()) == {"li"}, rule


def test_the_next_run_is_a_full_hour_within_the_window() -> None:
    rule = a_rule(execution_window=ExecutionWindow(start_time="09:30", end_time="18:30"))

    assert rule.next_run(NOW) == NOW + HOUR
    assert rule.next_run(NOW + 8 * HOUR) == NOW + 24 * HOUR  # 18:00 → 10:00
    assert a_rule(execution_window=ExecutionWindow(start_time="09:10", end_time="09:50")).next_run(NOW) is None


async def test_people_who_left_get_nothing() -> None:
    office = await office_with_leads(4)
    office.staff.active.remove("wang")

    await office.transfer.run_due()
    assert set(office.owners().values()) == {"zhao"}

    nobody = await office_with_leads(1)
    nobody.staff.active.clear()
    await nobody.transfer.run_due()
    assert set(nobody.owners().values()) == {"li"}


async def test_a_lead_that_changed_after_the_plan_stays_and_is_recorded_as_failed() -> None:
    office = await office_with_leads(2)
    first, second = office.owners()

    class Busy(MemoryRecords):
        """The owner follows up between the plan and the transfer."""

        async def usage(self, rule_id: str) -> Any:
            await office.work.change(first, lambda each, now: each.kept("li", now), SYSTEM)
            return await super().usage(rule_id)

    office.rules.stored[a_rule().id] = a_rule(distribution_config=DistributionConfig(enable_compensation=True))
    office.records = Busy(office)
    await office.a_process().run_due()

    assert office.owners()[first] == "li"
    assert office.owners()[second] != "li"
    assert [(each.customer_id, each.status) for each in office.records.failures] == [(first, "failed")]
    assert len(office.customers.events_of(CustomerAssigned)) == 3  # two creations and one transfer
