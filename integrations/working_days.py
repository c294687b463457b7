"""Working days in mainland China: the announcements of the State Council, as the library `chinesecalendar` has them."""

import logging
from datetime import date
from typing import Final

import chinese_calendar

from domain.shared.working_time import WorkingDays

log = logging.getLogger("business.calendar")

_FIXED_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of those that the law fixes in the solar calendar: New Year, Labour Day, National Day."""


class ChineseWorkingDays(WorkingDays):
    """The holidays of a year are announced in the November before. For a year that the library does not know, Monday to
    Friday are working days except the holidays that the law fixes, and the log says once that an update is due."""

    def __init__(self) -> None:
        self._unknown_years: set[int] = set()

    def is_working_day(self, day: date) -> bool:
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:  # its documented answer for such a year
            self._report(day.year)
        return day.isoweekday() <= 5 and (day.month, day.day) not in _FIXED_HOLIDAYS

    def _report(self, year: int) -> None:
        if year not in self._unknown_years:
            self._unknown_years.add(year)
            log.warning("calendar.year_unknown", extra={"year": year})
