"""Working days for tests."""

from datetime import date

from domain.shared.working_time import WorkingDays


class Weekdays(WorkingDays):
    """Monday to Friday, without the days that tests name as holidays, with those that make up for them."""

    def __init__(self, holidays: frozenset[date] = frozenset(), make_up: frozenset[date] = frozenset()) -> None:
        self._holidays = holidays
        self._make_up = make_up

    def is_working_day(self, day: date) -> bool:
        return day in self._make_up or (day.isoweekday() <= 5 and day not in self._holidays)
