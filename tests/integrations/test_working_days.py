"""The working days of China, known ones and those of years that are not announced yet."""

import logging
from datetime import date

import pytest

from integrations.working_days import ChineseWorkingDays


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # a Saturday that makes up for the Spring Festival
        (date(2026, 2, 17), False),  # the Spring Festival, a Tuesday
        (date(2026, 10, 8), True),
        (date(2026, 11, 28), False),
    ],
)
def test_holidays_and_the_days_that_make_up_for_them_are_known(day: date, works: bool) -> None:
    assert ChineseWorkingDays().is_working_day(day) is works


def test_an_unannounced_year_has_its_weekends_and_fixed_holidays_and_is_reported_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    days = ChineseWorkingDays()
    with caplog.at_level(logging.WARNING, "business.calendar"):
        found = [days.is_working_day(date(2099, 10, day)) for day in (1, 4, 5)]

    assert found == [False, False, True]  # a Thursday of the National Day, a Sunday, a Monday
    assert [record.getMessage() for record in caplog.records] == ["calendar.year_unknown"]
