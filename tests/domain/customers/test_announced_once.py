"""Reminders of follow-ups and announcements of late responses: once each, however many app processes run the jobs."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from domain.customers.events import FollowUpReminderDue, ResponseBreached
from domain.customers.follow_ups.reminders import FollowUpReminders
from domain.customers.model import Customer
from domain.customers.ports import CustomerList
from domain.customers.sla.rule import ResponseRule
from domain.customers.sla.watch import ResponseWatch
from domain.shared.working_time import WorkingCalendar, WorkingHours
from tests.domain.customers.builders import NOW, a_customer
from tests.domain.customers.memory import Office
from tests.domain.working_days import Weekdays

RULE = ResponseRule(WorkingCalendar(Weekdays(), WorkingHours()))


class DueOffice(Office):
    """Also the two lists that the jobs read, as they were at the start: others may have changed a customer since."""

    def __init__(self, *customers: Customer) -> None:
        super().__init__()
        self.customers.stored = {each.id: each.with_fields(version=1) for each in customers}
        self.listed = list(self.customers.stored)

    async def to_remind(self, now: datetime, most: int) -> Sequence[str]:
        return self.listed

    async def unannounced_breaches(self, limit: datetime, most: int) -> Sequence[str]:
        return self.listed

    def job(self, kind: type[Any], *more: Any) -> Any:
        return kind(self.work, cast(CustomerList, self), *more, self.clock, self.ids)


async def test_two_processes_remind_once_and_not_of_a_follow_up_that_was_done_meanwhile() -> None:
    planned = a_customer(assigned_to="owner").followed_up("owner", NOW - timedelta(days=3), NOW)
    done = a_customer(assigned_to="owner").followed_up("owner", NOW, NOW + timedelta(days=1))
    office = DueOffice(planned, done)
    jobs = [office.job(FollowUpReminders) for _ in range(2)]

    await asyncio.gather(*(job.run_due() for job in jobs))
    await jobs[0].run_due()

    [event] = office.customers.events_of(FollowUpReminderDue)
    assert (event.card.id, event.due_at, event.last_contact_at) == (planned.id, NOW, NOW - timedelta(days=3))
    assert office.customers.events == [event]  # lists and open editors do not notice


async def test_two_processes_announce_a_late_response_once_and_again_for_the_next_owner() -> None:
    late = a_customer().assigned("owner", "manager", "", NOW - timedelta(days=7))
    answered = late.followed_up("owner", NOW, None).with_fields(id="f" * 24, phone="13900000000")
    office = DueOffice(late, answered)
    jobs = [office.job(ResponseWatch, RULE) for _ in range(2)]

    await asyncio.gather(*(job.run_due() for job in jobs))

    [event] = office.customers.events_of(ResponseBreached)
    assert (event.card.owner_id, event.due_at) == ("owner", RULE.due_at(NOW - timedelta(days=7)))

    stored = office.customers.stored[late.id]
    office.customers.stored[late.id] = stored.assigned("next", "manager", "", NOW)
    await jobs[1].run_due()
    assert len(office.customers.events_of(ResponseBreached)) == 1  # in time until now
    office.clock.at = NOW + timedelta(days=2)
    await jobs[1].run_due()
    assert office.customers.events_of(ResponseBreached)[-1].card.owner_id == "next"
