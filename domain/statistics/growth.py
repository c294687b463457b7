"""Growth trend (增长趋势): registrations per day, and the total number of users."""

import datetime as dt
from datetime import date
from typing import Literal

from domain.shared.business_day import days_ending
from domain.shared.model import Model
from domain.statistics import counters
from domain.statistics.daily_counters import DailyCounters

GROUPS = ("counts",)

Period = Literal["day", "week", "month"]


class GrowthPoint(Model):
    """A day, or the part of a week or month within the trend; `date` is its first day there."""

    date: dt.date
    registered: int
    deleted: int
    phone_bound: int
    cumulative: int
    """Users at the end of the period."""
    growth: float | None
    """Change of registrations from the previous point, in percent; null if that is zero or unknown."""


class PeriodGrowth(Model):
    registered: float | None


class Trend(Model):
    days: list[GrowthPoint]
    growth: PeriodGrowth
    """The whole trend compared with the same number of days before it."""


def trend(daily: DailyCounters, today: date, count: int, by: Period = "day") -> Trend:
    """The trend of the last `count` days. `daily` must include twice as many."""
    before, shown = _halves(days_ending(today, 2 * count), count)
    points: list[GrowthPoint] = []
    previous = daily.on(before[-1]).get(counters.REGISTERED, 0) if by == "day" else 0
    for days in _grouped(shown, by):
        point = _point(daily, days, previous)
        points.append(point)
        previous = point.registered
    whole = percent(_registered(daily, shown), _registered(daily, before))
    return Trend(days=points, growth=PeriodGrowth(registered=whole))


def percent(now: int, before: int) -> float | None:
    return round((now - before) / before * 100, 1) if before else None


def _point(daily: DailyCounters, days: list[date], previous: int) -> GrowthPoint:
    registered = _registered(daily, days)
    return GrowthPoint(
        date=days[0],
        registered=registered,
        deleted=_sum(daily, days, counters.DELETED),
        phone_bound=_sum(daily, days, counters.PHONES_BOUND),
        cumulative=daily.user_count_at_end_of(days[-1]),
        growth=percent(registered, previous),
    )


def _grouped(days: list[date], by: Period) -> list[list[date]]:
    groups: dict[tuple[int, ...], list[date]] = {}
    for day in days:
        key = {"day": tuple(day.timetuple()[:3]), "week": day.isocalendar()[:2], "month": (day.year, day.month)}[by]
        groups.setdefault(key, []).append(day)
    return list(groups.values())


def _registered(daily: DailyCounters, days: list[date]) -> int:
    return _sum(daily, days, counters.REGISTERED)


def _sum(daily: DailyCounters, days: list[date], name: str) -> int:
    return sum(daily.on(day).get(name, 0) for day in days)


def _halves(days: list[date], count: int) -> tuple[list[date], list[date]]:
    return days[:count], days[count:]
