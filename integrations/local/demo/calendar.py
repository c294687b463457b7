"""When people come: more of them each week, mostly at weekends and in the evening, and few of them for ever."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from domain.shared.business_day import business_day, days_ending, start_of_day

DAYS = 90
_WEEKDAYS = (0.9, 0.82, 0.85, 0.92, 1.05, 1.4, 1.3)
"""Monday first."""
_HOURS = (2, 1, 1, 0, 0, 1, 3, 8, 14, 20, 22, 18, 15, 12, 14, 16, 16, 18, 22, 27, 30, 26, 16, 7)

_HABITS = {
    # days between two visits, days until they stay away: how many of a hundred
    (1.2, 400): 4,
    (4.0, 120): 16,
    (11.0, 60): 35,
    (20.0, 15): 45,
}
_RENEWS = 0.25


@dataclass(frozen=True)
class Visits:
    joined: datetime
    later: tuple[datetime, ...]
    """Ascending."""
    renewals: frozenset[datetime]
    """Those on which the mini-program only renewed its tokens."""


def joining_days(dice: Random, now: datetime, count: int) -> list[date]:
    """On which day each of `count` people joins, oldest first."""
    days = days_ending(business_day(now), DAYS)
    gone_today = (now - start_of_day(days[-1])) / timedelta(days=1)
    weights = [
        (0.35 + position / DAYS) * _WEEKDAYS[day.weekday()] * (gone_today if day == days[-1] else 1)
        for position, day in enumerate(days)
    ]
    return sorted(dice.choices(days, weights, k=count))


def visits_from(dice: Random, joined_on: date, now: datetime) -> Visits:
    joined = _moment(dice, joined_on, now)
    every, lasting = dice.choices(list(_HABITS), list(_HABITS.values()))[0]
    stays_away = joined + timedelta(days=dice.expovariate(1 / lasting))
    later: list[datetime] = []
    renewals: set[datetime] = set()
    day = joined_on
    while True:
        day += timedelta(days=1 + int(dice.expovariate(1 / every)))
        if start_of_day(day) > min(stays_away, now):
            return Visits(joined, tuple(later), frozenset(renewals))
        if dice.random() > _WEEKDAYS[day.weekday()]:
            continue  # too busy on a working day
        at = _moment(dice, day, now)
        later.append(at)
        again = at + timedelta(minutes=dice.randint(15, 240))
        if dice.random() < _RENEWS and again < now and business_day(again) == day:
            later.append(again)
            renewals.add(again)


def _moment(dice: Random, day: date, now: datetime) -> datetime:
    """Some time of the day; of today, only what has passed of it."""
    hour = dice.choices(range(24), _HOURS)[0]
    at = start_of_day(day) + timedelta(hours=hour, seconds=dice.randrange(3600))
    if at < now:
        return at
    passed = int((now - start_of_day(day)).total_seconds())
    return start_of_day(day) + timedelta(seconds=dice.randrange(max(passed, 1)))
