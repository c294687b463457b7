"""Working time (工作时间): the working days and hours of the agency, and deadlines that are counted in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from domain.shared.business_day import business_day, start_of_day

_DAY: Final = timedelta(days=1)
_MOST_DAYS: Final = 400
"""No deadline is further away."""


class WorkingDays(Protocol):
    def is_working_day(self, day: date) -> bool:
        """Public holidays and the working days that make up for them (调休) are considered."""


@dataclass(frozen=True)
class WorkingHours:
    starts: time = time(9)
    ends: time = time(18)

    def on(self, day: date) -> tuple[datetime, datetime]:
        midnight = start_of_day(day)
        return midnight + _since_midnight(self.starts), midnight + _since_midnight(self.ends)


class WorkingCalendar:
    """`before` turns `after` around: what began before `before(now, amount)` has lasted longer than `amount`. So a list
    of passed deadlines is a range of beginnings; no deadline is stored, and new working hours hold at once."""

    def __init__(self, days: WorkingDays, hours: WorkingHours) -> None:
        self.days = days
        self.hours = hours

    def after(self, since: datetime, amount: timedelta) -> datetime:
        """The first instant at which `amount` of working time has passed."""
        for starts, ends in self._periods(since, _DAY):
            starts = max(starts, since)
            if ends - starts >= amount:
                return starts + amount
            amount -= max(ends - starts, timedelta())
        raise ValueError("the deadline is too far away")

    def before(self, until: datetime, amount: timedelta) -> datetime:
        """The last instant since which `amount` of working time has passed."""
        for starts, ends in self._periods(until, -_DAY):
            ends = min(ends, until)
            if ends - starts >= amount:
                return ends - amount
            amount -= max(ends - starts, timedelta())
        raise ValueError("the deadline is too far away")

    def between(self, since: datetime, until: datetime) -> timedelta:
        """The working time in [since, until)."""
        total = timedelta()
        for starts, ends in self._periods(since, _DAY):
            if starts >= until:
                break
            total += max(min(ends, until) - max(starts, since), timedelta())
        return total

    def _periods(self, at: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """The working hours of the day of `at` and of the days that follow in the direction of `step`."""
        day = business_day(at)
        for _ in range(_MOST_DAYS):
            if self.days.is_working_day(day):
                yield self.hours.on(day)
            day += step


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)
