"""Growth trend (增长趋势): new accounts a day, and how many there are in all."""

import datetime as dt
from datetime import date
from typing import Literal

from domain.shared.business_day import days_ending
from domain.shared.model import Model
from domain.statistics import tally
from domain.statistics.ledger import Ledger

GROUPS = ("counts",)

Period = Literal["day", "week", "month"]


class GrowthPoint(Model):
    """A day, or the part of a week or month that lies in the trend; `date` is its first day there."""

    date: dt.date
    registered: int
    deleted: int
    phone_bound: int
    cumulative: int
    """Accounts at the end."""
    growth: float | None
    """Percent more registrations than in the point before; null when that had none, or is not known."""


class PeriodGrowth(Model):
    registered: float | None


class Trend(Model):
    days: list[GrowthPoint]
    growth: PeriodGrowth
    """The whole trend against as many days before it."""


def trend(ledger: Ledger, today: date, count: int, by: Period = "day") -> Trend:
    """`ledger` reaches back twice `count` days."""
    before, shown = _halves(days_ending(today, 2 * count), count)
    points: list[GrowthPoint] = []
    previous = ledger.on(before[-1]).get(tally.REGISTERED, 0) if by == "day" else 0
    for days in _grouped(shown, by):
        point = _point(ledger, days, previous)
        points.append(point)
        previous = point.registered
    whole = percent(_registered(ledger, shown), _registered(ledger, before))
    return Trend(days=points, growth=PeriodGrowth(registered=whole))


def percent(now: int, before: int) -> float | None:
    return round((now - before) / before * 100, 1) if before else None


def _point(ledger: Ledger, days: list[date], previous: int) -> GrowthPoint:
    registered = _registered(ledger, days)
    return GrowthPoint(
        date=days[0],
        registered=registered,
        deleted=_sum(ledger, days, tally.DELETED),
        phone_bound=_sum(ledger, days, tally.PHONES_BOUND),
        cumulative=ledger.members_at_end_of(days[-1]),
        growth=percent(registered, previous),
    )


def _grouped(days: list[date], by: Period) -> list[list[date]]:
    groups: dict[tuple[int, ...], list[date]] = {}
    for day in days:
        key = {"day": tuple(day.timetuple()[:3]), "week": day.isocalendar()[:2], "month": (day.year, day.month)}[by]
        groups.setdefault(key, []).append(day)
    return list(groups.values())


def _registered(ledger: Ledger, days: list[date]) -> int:
    return _sum(ledger, days, tally.REGISTERED)


def _sum(ledger: Ledger, days: list[date], name: str) -> int:
    return sum(ledger.on(day).get(name, 0) for day in days)


def _halves(days: list[date], count: int) -> tuple[list[date], list[date]]:
    return days[:count], days[count:]
