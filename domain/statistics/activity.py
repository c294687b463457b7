"""Activity (活跃度): who is active in a day, a week, a month; who comes back, and who fell silent.

Nobody is looked up for it. A day keeps how long each account that was active on it had been away (its gap), and an
account is the first time active in a window on the one day whose gap reaches back beyond the window's beginning.
"""

import datetime as dt
from datetime import date, timedelta

from pydantic import Field

from domain.shared.model import Model
from domain.statistics import tally
from domain.statistics.day import days_ending
from domain.statistics.effects import LOGIN_COUNT_BUCKETS, LONGEST_WINDOW, NEVER, RETENTION_DAYS
from domain.statistics.ledger import Ledger

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
    """Over all cohorts of the report together; null while there is none."""

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
    days = [_day(ledger, day) for day in days_ending(today, count)]
    return Activity(
        days=days,
        stickiness=days[-1].stickiness,
        silent=silent(ledger, today),
        retention=_retention(ledger, today, count),
        login_counts=_login_counts(ledger),
    )


def active_in(ledger: Ledger, last: date, window: int) -> int:
    """Accounts that were active on any of the `window` days that end with `last`; those deleted since included."""
    first = last - timedelta(days=window - 1)
    found = 0
    for ahead in range(window):
        for gap, count in _gaps(ledger, first + timedelta(days=ahead), "gaps"):
            if gap > ahead:
                found += count
    return found


def silent(ledger: Ledger, today: date) -> int:
    first = today - timedelta(days=LONGEST_WINDOW - 1)
    gone = 0
    for ahead in range(LONGEST_WINDOW):
        for gap, count in _gaps(ledger, first + timedelta(days=ahead), "departures"):
            if gap <= ahead:
                gone += count
    return max(ledger.members - active_in(ledger, today, LONGEST_WINDOW) + gone, 0)


def _gaps(ledger: Ledger, day: date, group: str) -> list[tuple[int, int]]:
    counted = ledger.days.get(day)
    if counted is None:
        return []
    return [(LONGEST_WINDOW if gap == NEVER else int(gap), count) for gap, count in counted.group(group).items()]


def _day(ledger: Ledger, day: date) -> ActivityDay:
    dau, wau, mau = (active_in(ledger, day, window) for window in (1, 7, LONGEST_WINDOW))
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
    cohorts: list[CohortDay] = []
    registered, retained = dict.fromkeys(RETENTION_DAYS, 0), dict.fromkeys(RETENTION_DAYS, 0)
    for day in days_ending(today, count):
        new = ledger.on(day).get(tally.REGISTERED, 0)
        shares: list[float | None] = []
        for age in RETENTION_DAYS:
            back = day + timedelta(days=age)
            if back >= today:  # not over yet
                shares.append(None)
                continue
            came = ledger.on(back).get(f"retained.{age}", 0)
            registered[age] += new
            retained[age] += came
            shares.append(_share(came, new))
        cohorts.append(CohortDay(date=day, registered=new, next_day=shares[0], seven_day=shares[1]))
    overall = [_share(retained[age], registered[age]) for age in RETENTION_DAYS]
    return Retention(next_day=overall[0], seven_day=overall[1], cohorts=cohorts)


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
