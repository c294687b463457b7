"""Deadlines in working time, over weekends, holidays and the days that make up for them."""

import random
from datetime import date, datetime, timedelta

from domain.shared.business_day import BUSINESS_ZONE
from domain.shared.working_time import WorkingCalendar, WorkingHours
from tests.domain.working_days import Weekdays

MONDAY, SUNDAY = date(2026, 11, 30), date(2026, 11, 29)
CALENDAR = WorkingCalendar(Weekdays(holidays=frozenset({MONDAY}), make_up=frozenset({SUNDAY})), WorkingHours())
HALF_AN_HOUR = timedelta(minutes=30)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 1, hour, minute, tzinfo=BUSINESS_ZONE) + timedelta(days=day - 1)


def test_a_deadline_goes_on_at_the_next_working_hour() -> None:
    assert CALENDAR.after(at(27, 10), HALF_AN_HOUR) == at(27, 10, 30)
    assert CALENDAR.after(at(27, 7), HALF_AN_HOUR) == at(27, 9, 30)
    assert CALENDAR.after(at(27, 17, 30), HALF_AN_HOUR) == at(27, 18)
    assert CALENDAR.after(at(27, 17, 45), HALF_AN_HOUR) == at(29, 9, 15)  # the Sunday makes up for the Monday
    assert CALENDAR.after(at(29, 20), HALF_AN_HOUR) == at(31, 9, 30)
    assert CALENDAR.after(at(27, 9), timedelta(hours=27)) == at(31, 18)


def test_a_deadline_turned_around_is_the_last_beginning_that_is_late_enough() -> None:
    assert CALENDAR.before(at(27, 10, 30), HALF_AN_HOUR) == at(27, 10)
    assert CALENDAR.before(at(29, 9, 15), HALF_AN_HOUR) == at(27, 17, 45)
    assert CALENDAR.before(at(30, 12), HALF_AN_HOUR) == at(29, 17, 30)
    assert CALENDAR.before(at(27, 9, 30), HALF_AN_HOUR) == at(27, 9)


def test_both_directions_agree_at_any_instant() -> None:
    chance = random.Random(17)
    for _ in range(2_000):
        since = at(20, 0) + timedelta(minutes=chance.randrange(16 * 24 * 60))
        now = since + timedelta(minutes=chance.randrange(5 * 24 * 60))
        amount = timedelta(minutes=chance.choice([1, 30, 480, 540, 1_000]))
        passed = CALENDAR.between(since, now)
        assert (CALENDAR.after(since, amount) <= now) == (passed >= amount) == (since <= CALENDAR.before(now, amount))
