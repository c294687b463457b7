"""First responses: the assignments that await one, and their deadlines."""

from datetime import UTC, datetime, timedelta

from domain.customers.sla.rule import ResponseRule
from domain.customers.stages import Stage
from domain.shared.working_time import WorkingCalendar, WorkingHours
from tests.domain.customers.builders import NOW, a_customer
from tests.domain.working_days import Weekdays

RULE = ResponseRule(WorkingCalendar(Weekdays(), WorkingHours()))


def test_a_response_is_awaited_of_an_owner_who_got_the_customer_from_others() -> None:
    given = a_customer().assigned("owner", "manager", "", NOW)

    assert given.response_awaited_since == NOW
    assert given.followed_up("owner", NOW, None).response_awaited_since is None
    assert given.followed_up("manager", NOW, None).response_awaited_since is None
    assert given.released("owner", "", NOW).response_awaited_since is None
    assert given.at_stage(Stage.LOST, NOW, "owner").response_awaited_since is None
    assert given.frozen("admin", "", NOW).response_awaited_since is None
    assert a_customer().assigned("owner", "owner", "", NOW).response_awaited_since is None
    pooled = given.released("owner", "", NOW)
    assert pooled.claimed("other", NOW).response_awaited_since is None
    assert pooled.assigned("other", "manager", "", NOW).response_awaited_since == NOW


def test_a_breach_is_announced_once_for_each_assignment() -> None:
    given = a_customer().assigned("owner", "manager", "", NOW)
    announced = given.with_fields(breach_announced_at=NOW)

    assert (given.breach_unannounced_since, announced.breach_unannounced_since) == (NOW, None)
    assert announced.response_awaited_since == NOW
    assert announced.assigned("other", "manager", "", NOW).breach_unannounced_since == NOW


def test_a_lead_of_friday_evening_is_due_on_monday_morning() -> None:
    friday = datetime(2026, 11, 27, 9, 50, tzinfo=UTC)  # 17:50 in Shanghai
    due = datetime(2026, 11, 30, 1, 20, tzinfo=UTC)

    assert RULE.due_at(friday) == due
    assert not friday < RULE.breached_before(due)
    assert friday < RULE.breached_before(due + timedelta(milliseconds=1))
    assert RULE.time_left(friday, due + timedelta(minutes=5)) == timedelta(minutes=-5)
