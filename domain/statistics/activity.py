"""Activity (活跃度): active users per day, week and month, retention, and silent users.

Calculated from daily counters, without reading users. Each day counts its active users by the number of days since
their last activity (the gap). A window counts a user once, on the one day whose gap reaches back before the window.
"""

import datetime as dt
from datetime import date, timedelta
from itertools import accumulate

from pydantic import Field

from domain.shared.business_day import days_ending
from domain.shared.model import Model
from domain.statistics import counters
from domain.statistics.counters import Counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.increments import LOGIN_COUNT_BUCKETS, MAX_WINDOW_DAYS, NEVER, RETENTION_DAYS

GROUPS = ("counts", "gaps", "departures", "retained", "loginCounts")
DAYS_BEFORE = MAX_WINDOW_DAYS
"""The number of days before its first day that a report needs."""


class ActivityDay(Model):
    date: dt.date
    dau: int
    wau: int
    mau: int
    stickiness: float | None
    """DAU / MAU."""
    logins: int
    failed: int


class CohortDay(Model):
    """The shares of users registered on `date` that were active 1 and 7 days later; null until that day is over."""

    date: dt.date
    registered: int
    next_day: float | None
    seven_day: float | None


class Retention(Model):
    """Retention of all users whose first or seventh day lies in the report; null without such users."""

    next_day: float | None
    seven_day: float | None
    cohorts: list[CohortDay]


class LoginCountRange(Model):
    """Users with `from` to `to` log-ins; `to` is null in the last range."""

    from_: int = Field(alias="from")
    to: int | None
    users: int


class Activity(Model):
    days: list[ActivityDay]
    stickiness: float | None
    silent: int
    """Users without activity in the last 30 days."""
    retention: Retention
    login_counts: list[LoginCountRange]


def activity(daily: DailyCounters, today: date, count: int) -> Activity:
    """The report of the last `count` days. `daily` must include DAYS_BEFORE more days."""
    windows = ActivityWindows(daily)
    days = [_day(daily, windows, day) for day in days_ending(today, count)]
    return Activity(
        days=days,
        stickiness=days[-1].stickiness,
        silent=max(daily.user_count - windows.existing_users_active_until(today), 0),
        retention=_retention(daily, today, count),
        login_counts=_login_counts(daily),
    )


class ActivityWindows:
    """Numbers of users that were active in windows of up to MAX_WINDOW_DAYS days."""

    def __init__(self, daily: DailyCounters) -> None:
        self._gaps = {day: _longer_than(counted, "gaps") for day, counted in daily.days.items()}
        self._departures = {day: _longer_than(counted, "departures") for day, counted in daily.days.items()}

    def active_in(self, last: date, window: int) -> int:
        """Users active on any of the `window` days that end with `last`, including users deleted since."""
        first = last - timedelta(days=window - 1)
        return sum(self._gaps.get(first + timedelta(days=ahead), _NO_USERS)[ahead + 1] for ahead in range(window))

    def existing_users_active_until(self, today: date) -> int:
        """Users active in the longest window that still exist."""
        first = today - timedelta(days=MAX_WINDOW_DAYS - 1)
        deleted = 0
        for ahead in range(MAX_WINDOW_DAYS):
            left = self._departures.get(first + timedelta(days=ahead), _NO_USERS)
            deleted += left[0] - left[ahead + 1]  # deleted in the window, after activity in it
        return self.active_in(today, MAX_WINDOW_DAYS) - deleted


_NO_USERS = [0] * (MAX_WINDOW_DAYS + 1)


def _longer_than(counted: Counters, group: str) -> list[int]:
    """At index n: the number of users with a gap of n days or more."""
    longer = list(_NO_USERS)
    for gap, count in counted.group(group).items():
        longer[MAX_WINDOW_DAYS if gap == NEVER else int(gap)] += count
    return list(accumulate(reversed(longer)))[::-1]


def _day(daily: DailyCounters, windows: ActivityWindows, day: date) -> ActivityDay:
    dau, wau, mau = (windows.active_in(day, window) for window in (1, 7, MAX_WINDOW_DAYS))
    counted = daily.on(day)
    return ActivityDay(
        date=day,
        dau=dau,
        wau=wau,
        mau=mau,
        stickiness=_share(dau, mau),
        logins=counted.get(counters.LOGINS, 0),
        failed=counted.get(counters.FAILED, 0),
    )


def _retention(daily: DailyCounters, today: date, count: int) -> Retention:
    days = days_ending(today, count)
    next_day, seven_day = (
        _retained(daily, [day - timedelta(days=age) for day in days], age, today) for age in RETENTION_DAYS
    )
    return Retention(next_day=next_day, seven_day=seven_day, cohorts=[_cohort(daily, day, today) for day in days])


def _cohort(daily: DailyCounters, day: date, today: date) -> CohortDay:
    next_day, seven_day = (_retained(daily, [day], age, today) for age in RETENTION_DAYS)
    registered = daily.on(day).get(counters.REGISTERED, 0)
    return CohortDay(date=day, registered=registered, next_day=next_day, seven_day=seven_day)


def _retained(daily: DailyCounters, cohorts: list[date], age: int, today: date) -> float | None:
    came = new = 0
    for day in cohorts:
        back = day + timedelta(days=age)
        if back < today:  # the day is over
            came += daily.on(back).get(f"retained.{age}", 0)
            new += daily.on(day).get(counters.REGISTERED, 0)
    return _share(came, new)


def _login_counts(daily: DailyCounters) -> list[LoginCountRange]:
    counted = daily.total.group("loginCounts")
    ranges: list[LoginCountRange] = []
    for position, lowest in enumerate(LOGIN_COUNT_BUCKETS):
        users = counted.get(str(lowest), 0)
        if lowest == 0 and not users:
            continue  # only imported users may have no log-in
        following = LOGIN_COUNT_BUCKETS[position + 1 :]
        ranges.append(LoginCountRange(from_=lowest, to=following[0] - 1 if following else None, users=users))
    return ranges


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
