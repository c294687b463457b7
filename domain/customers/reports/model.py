"""Reports of sales work: figures of each person in a day, a week or a month."""

from datetime import date, timedelta
from enum import StrEnum

from domain.shared.business_day import Day
from domain.shared.model import Model


class ReportPeriod(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def around(self, day: date) -> tuple[date, date]:
        """The first and the last day of the period that has this day; weeks begin on Monday."""
        match self:
            case ReportPeriod.DAY:
                return day, day
            case ReportPeriod.WEEK:
                first = day - timedelta(days=day.weekday())
                return first, first + timedelta(days=6)
            case ReportPeriod.MONTH:
                first = day.replace(day=1)
                return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


class ReportFigures(Model):
    follow_ups: int = 0
    new_customers: int = 0
    """Entered by the person."""
    claimed: int = 0
    """From the pool."""
    signed: int = 0
    """Customers of the person whose contract came into force."""

    @property
    def is_empty(self) -> bool:
        return not (self.follow_ups or self.new_customers or self.claimed or self.signed)


class PersonFigures(ReportFigures):
    staff_id: str


class Report(Model):
    period: ReportPeriod
    first_day: Day
    last_day: Day
    people: tuple[PersonFigures, ...]
    total: ReportFigures
