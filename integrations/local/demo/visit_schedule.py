"""Random registration days and visits of users: more every week, mostly at weekends and in the evening."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from domain.shared.business_day import business_day, days_ending, start_of_day

DAYS = 90
_WEEKDAY_WEIGHTS = (0.9, 0.82, 0.85, 0.92, 1.05, 1.4, 1.3)
"""Monday is the first."""
_HOUR_WEIGHTS = (2, 1, 1, 0, 0, 1, 3, 8, 14, 20, 22, 18, 15, 12, 14, 16, 16, 18, 22, 27, 30, 26, 16, 7)

_VISITOR_TYPES = {
    # (mean days between two visits, mean days until the last visit): percentage of users
    (1.2, 400): 4,
    (4.0, 120): 16,
    (11.0, 60): 35,
    (20.0, 15): 45,
}
_REFRESH_CHANCE = 0.25


@dataclass(frozen=True)
class VisitSchedule:
    registered_at: datetime
    later: tuple[datetime, ...]
    """Ascending."""
    refreshes: frozenset[datetime]
    """Those of `later` on which the mini-program only refreshed its tokens."""


def random_registration_days(rng: Random, now: datetime, count: int) -> list[date]:
    """The registration days of `count` users, oldest first."""
    days = days_ending(business_day(now), DAYS)
    elapsed_today = (now - start_of_day(days[-1])) / timedelta(days=1)
    weights = [
        (0.35 + position / DAYS) * _WEEKDAY_WEIGHTS[day.weekday()] * (elapsed_today if day == days[-1] else 1)
        for position, day in enumerate(days)
    ]
    return sorted(rng.choices(days, weights, k=count))


def random_visits(rng: Random, registered_on: date, now: datetime) -> VisitSchedule:
    registered_at = _random_time(rng, registered_on, now)
    mean_gap, mean_lifetime = rng.choices(list(_VISITOR_TYPES), list(_VISITOR_TYPES.values()))[0]
    last_visit = registered_at + timedelta(days=rng.expovariate(1 / mean_lifetime))
    later: list[datetime] = []
    refreshes: set[datetime] = set()
    day = registered_on
    while True:
        day += timedelta(days=1 + int(rng.expovariate(1 / mean_gap)))
        if start_of_day(day) > min(last_visit, now):
            return VisitSchedule(registered_at, tuple(later), frozenset(refreshes))
        if rng.random() > _WEEKDAY_WEIGHTS[day.weekday()]:
            continue
        at = _random_time(rng, day, now)
        later.append(at)
        again = at + timedelta(minutes=rng.randint(15, 240))
        if rng.random() < _REFRESH_CHANCE and again < now and business_day(again) == day:
            later.append(again)
            refreshes.add(again)


def _random_time(rng: Random, day: date, now: datetime) -> datetime:
    """A random time of the day that is before `now`."""
    hour = rng.choices(range(24), _HOUR_WEIGHTS)[0]
    at = start_of_day(day) + timedelta(hours=hour, seconds=rng.randrange(3600))
    if at < now:
        return at
    elapsed = int((now - start_of_day(day)).total_seconds())
    return start_of_day(day) + timedelta(seconds=rng.randrange(max(elapsed, 1)))
