"""Follow-ups: what they change, when the next one is due, and whom their events tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.customers.change_events import CustomerChangeEvents, card_of
from domain.customers.events import CustomerEvent, CustomerFollowedUp
from domain.customers.follow_ups.model import FollowUp, FollowUpType
from domain.customers.follow_ups.service import DueWithin, due_ranges
from domain.customers.model import Customer, FollowUpStatus
from domain.customers.notification_types import NOTIFICATIONS
from domain.customers.stages import Stage
from domain.shared.actor import SYSTEM, Actor
from domain.shared.notifications import Notice
from tests.domain.customers.builders import NOW, a_customer
from tests.domain.sequential_ids import SequentialIds

LATER = NOW + timedelta(days=2)
MANAGER = Actor(kind="staff", id="manager", name="陈经理")


def test_a_follow_up_of_the_owner_counts_and_replaces_what_was_planned() -> None:
    customer = a_customer(assigned_to="owner", next_follow_up_at=NOW, reminded_for=NOW)

    noted = customer.followed_up("owner", NOW, LATER)

    assert (customer.follow_up_status, noted.follow_up_status) == (FollowUpStatus.NEW, FollowUpStatus.FOLLOWED)
    assert (noted.last_follow_up_by, noted.last_follow_up_time, noted.last_activity_at) == ("owner", NOW, NOW)
    assert (noted.follow_up_due_at, noted.remind_at) == (LATER, LATER)
    assert noted.followed_up("owner", NOW, None).follow_up_due_at is None
    assert noted.followed_up("owner", NOW, None).followed_up_by == ("owner",)


def test_the_owner_is_reminded_once_for_each_date_and_a_new_owner_again() -> None:
    planned = a_customer(assigned_to="owner").followed_up("owner", NOW, LATER)
    reminded = planned.with_fields(reminded_for=LATER)

    assert (planned.remind_at, reminded.remind_at, reminded.follow_up_due_at) == (LATER, None, LATER)
    assert reminded.assigned("other", "manager", "", NOW).remind_at == LATER
    assert reminded.followed_up("owner", NOW, LATER).remind_at == LATER


def test_nobody_is_to_follow_up_a_lost_customer_or_one_of_the_pool() -> None:
    planned = a_customer(assigned_to="owner").followed_up("owner", NOW, LATER)

    assert planned.at_stage(Stage.LOST, NOW, "owner").follow_up_due_at is None
    assert planned.released("owner", "暂无需求", NOW).next_follow_up_at is None


def test_the_ranges_of_the_due_list_touch_at_the_midnight_of_shanghai() -> None:
    ranges = due_ranges(datetime(2026, 11, 30, 15, 30, tzinfo=UTC))  # 23:30 there

    midnight = datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert (ranges[DueWithin.OVERDUE].until, ranges[DueWithin.TODAY].until) == (
        midnight - timedelta(minutes=30),
        midnight,
    )
    assert (ranges[DueWithin.WEEK].since, ranges[DueWithin.WEEK].until) == (midnight, midnight + timedelta(days=7))


def told(before: Customer | None, after: Customer, actor: Actor = MANAGER, reason: str = "") -> dict[str, Notice]:
    """The notices of a change, by type."""
    events = CustomerChangeEvents(SequentialIds()).of(before, after, actor, NOW, reason)
    return notices(*(event for event in events if isinstance(event, CustomerEvent)))


def notices(*events: CustomerEvent) -> dict[str, Notice]:
    found: dict[str, Notice] = {}
    for event in events:
        rows: list[Any] = [kind for kind in NOTIFICATIONS.types if isinstance(event, kind.cause)]
        found |= {kind.code: notice for kind in rows if (notice := kind.notice(event)) is not None}
    return found


def test_an_assignment_tells_the_new_and_the_former_owner() -> None:
    customer = a_customer(assigned_to="former", created_by="former", phone="13800138000")

    found = told(customer, customer.assigned("new", "manager", "就近服务", NOW), reason="就近服务")

    assert {code: notice.to.staff for code, notice in found.items()} == {
        "CUSTOMER_ASSIGNED": ("new",),
        "CUSTOMER_TRANSFERRED": ("former",),
    }
    assert found["CUSTOMER_ASSIGNED"].values.model_dump()["phone"] == "138****8000"
    assert found["CUSTOMER_TRANSFERRED"].values.model_dump()["reason"] == "就近服务"
    assert found["CUSTOMER_TRANSFERRED"].owners == ()  # the former owner gets it nevertheless


def test_a_new_customer_is_told_to_overseers_and_to_an_owner_who_is_not_its_creator() -> None:
    own = told(None, a_customer(assigned_to="manager", created_by="manager"))
    given = told(None, a_customer(assigned_to="new", created_by="manager"))

    assert own["CUSTOMER_CREATED"].to.overseers
    assert own["CUSTOMER_ASSIGNED"].to.without == ("manager",)  # that is, nobody
    assert given["CUSTOMER_ASSIGNED"].to.staff == ("new",)


def test_moves_into_and_out_of_the_pool_tell_those_whom_others_moved() -> None:
    held = a_customer(assigned_to="former")
    pooled = held.released("manager", "久未跟进", NOW)

    released = told(held, pooled, reason="久未跟进")
    given = told(pooled, pooled.assigned("new", "manager", "", NOW))
    claimed = told(pooled, pooled.claimed("manager", NOW))

    assert released["CUSTOMER_RECLAIMED"].to.staff == ("former",)
    assert given.keys() == {"CUSTOMER_ASSIGNED_FROM_POOL"}
    assert claimed == {}


def test_an_automatic_transfer_is_left_to_its_summary() -> None:
    customer = a_customer(assigned_to="former")
    transferred = customer.assigned("new", "system", "", NOW).with_fields(transfer_count=1)

    assert told(customer, transferred, SYSTEM) == {}


def test_a_follow_up_tells_the_owner_its_first_eighty_characters() -> None:
    customer = a_customer(assigned_to="owner")
    row = FollowUp(id="f", customer_id=customer.id, type=FollowUpType.PHONE, content="约\n好 " * 60, created_at=NOW)

    [(code, notice)] = notices(
        CustomerFollowedUp(id="f", at=NOW, card=card_of(customer, 1), actor=MANAGER.ref(), follow_up=row)
    ).items()

    assert (code, notice.fact, notice.to.staff, notice.to.without) == (
        "CUSTOMER_FOLLOW_UP_ADDED",
        "f",
        ("owner",),
        ("manager",),
    )
    assert len(notice.values.model_dump()["summary"]) == 80
