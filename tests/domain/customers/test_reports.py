"""The periods of reports."""

from datetime import date

from domain.customers.reports.model import ReportPeriod


def test_periods_are_whole_days_weeks_from_monday_and_months() -> None:
    day = date(2028, 2, 29)  # a Tuesday

    assert ReportPeriod.DAY.around(day) == (day, day)
    assert ReportPeriod.WEEK.around(day) == (date(2028, 2, 28), date(2028, 3, 5))
    assert ReportPeriod.MONTH.around(day) == (date(2028, 2, 1), day)
    assert ReportPeriod.MONTH.around(date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))
