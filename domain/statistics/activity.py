"""Activity (活跃度): who is active in a day, a week, a month; who comes back, and who fell silent.

Nobody is looked up for it. A day keeps how long each account that was active on it had been away (its gap), and an
account is the first time active in a window on the one day whose gap reaches back beyond the window's beginning.
"""

import datetime as dt
from datetime import date, timedelta
from itertools import accumulate

from pydantic import Field

from domain.shared.business_day import days_ending
from domain.shared.model import Model
from domain.statistics import tally
from domain.statistics.increments import LOGIN_COUNT_BUCKETS, LONGEST_WINDOW, NEVER, RETENTION_DAYS
from domain.statistics.ledger import Ledger
from domain.statistics.tally import Tally

GROUPS = ("counts", "gaps", "departures", "retained", "loginCounts")
DAYS_BEFORE = LONGEST_WINDOW
"""How much further back than its first day an activity report has to read."""


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
    """Of the accounts registered on `date`: the share that was active one and seven days later, once that day is
    over."""

    date: dt.date
    registered: int
    next_day: float | None
    seven_day: float | None


class Retention(Model):
    """Over all accounts whose day to come back lies in the report; null while there is none."""

    next_day: float | None
    seven_day: float | None
    cohorts: list[CohortDay]


class LoginCountRange(Model):
    """Accounts that logged in `from` to `to` times; `to` is null in the last."""

    from_: int = Field(alias="from")
    to: int | None
    users: int


class Activity(Model):
    days: list[ActivityDay]
    stickiness: float | None
    silent: int
    """Accounts without any activity in the last 30 days."""
    retention: Retention
    login_counts: list[LoginCountRange]


def activity(ledger: Ledger, today: date, count: int) -> Activity:
    """`ledger` reaches back DAYS_BEFORE days further than `count`."""
    windows = Windows(ledger)
    days = [_day(ledger, windows, day) for day in days_ending(today, count)]
    return Activity(
        days=days,
        stickiness=days[-1].stickiness,
        silent=max(ledger.members - windows.members_active_until(today), 0),
        retention=_retention(ledger, today, count),
        login_counts=_login_counts(ledger),
    )


class Windows:
    """How many accounts were active in any window of up to LONGEST_WINDOW days."""

    def __init__(self, ledger: Ledger) -> None:
        self._away = {day: _longer_than(counted, "gaps") for day, counted in ledger.days.items()}
        self._left = {day: _longer_than(counted, "departures") for day, counted in ledger.days.items()}

    def active_in(self, last: date, window: int) -> int:
        """Accounts active on any of the `window` days that end with `last`; those deleted since included."""
        first = last - timedelta(days=window - 1)
        return sum(self._away.get(first + timedelta(days=ahead), _NOBODY)[ahead + 1] for ahead in range(window))

    def members_active_until(self, today: date) -> int:
        """Accounts active in the widest window that still exist."""
        first = today - timedelta(days=LONGEST_WINDOW - 1)
        gone = 0
        for ahead in range(LONGEST_WINDOW):
            left = self._left.get(first + timedelta(days=ahead), _NOBODY)
            gone += left[0] - left[ahead + 1]  # deleted within the window, and active in it before
        return self.active_in(today, LONGEST_WINDOW) - gone


_NOBODY = [0] * (LONGEST_WINDOW + 1)


def _longer_than(counted: Tally, group: str) -> list[int]:
    """At [n]: how many had been away for n days or longer."""
    longer = list(_NOBODY)
    for gap, count in counted.group(group).items():
        longer[LONGEST_WINDOW if gap == NEVER else int(gap)] += count
    return list(accumulate(reversed(longer)))[::-1]


def _day(ledger: Ledger, windows: Windows, day: date) -> ActivityDay:
    dau, wau, mau = (windows.active_in(day, window) for window in (1, 7, LONGEST_WINDOW))
    counted = ledger.on(day)
    return ActivityDay(
        date=day,
        dau=dau,
        wau=wau,
        mau=mau,
        stickiness=_share(dau, mau),
        logins=counted.get(tally.LOGINS, 0),
        failed=counted.get(tally.FAILED, 0),
    )


def _retention(ledger: Ledger, today: date, count: int) -> Retention:
    days = days_ending(today, count)
    next_day, seven_day = (
        _retained(ledger, [day - timedelta(days=age) for day in days], age, today) for age in RETENTION_DAYS
    )
    return Retention(next_day=next_day, seven_day=seven_day, cohorts=[_cohort(ledger, day, today) for day in days])


def _cohort(ledger: Ledger, day: date, today: date) -> CohortDay:
    next_day, seven_day = (_retained(ledger, [day], age, today) for age in RETENTION_DAYS)
    registered = ledger.on(day).get(tally.REGISTERED, 0)
    return CohortDay(date=day, registered=registered, next_day=next_day, seven_day=seven_day)


def _retained(ledger: Ledger, cohorts: list[date], age: int, today: date) -> float | None:
    came = new = 0
    for day in cohorts:
        back = day + timedelta(days=age)
        if back < today:  # over
            came += ledger.on(back).get(f"retained.{age}", 0)
            new += ledger.on(day).get(tally.REGISTERED, 0)
    return _share(came, new)


def _login_counts(ledger: Ledger) -> list[LoginCountRange]:
    counted = ledger.total.group("loginCounts")
    ranges: list[LoginCountRange] = []
    for position, lowest in enumerate(LOGIN_COUNT_BUCKETS):
        users = counted.get(str(lowest), 0)
        if lowest == 0 and not users:
            continue  # only imported accounts may have never logged in
        following = LOGIN_COUNT_BUCKETS[position + 1 :]
        ranges.append(LoginCountRange(from_=lowest, to=following[0] - 1 if following else None, users=users))
    return ranges


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
