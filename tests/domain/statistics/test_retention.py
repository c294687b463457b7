"""The days from which on the login log is complete."""

from datetime import date

import pytest

from domain.statistics.retention import CompleteRows

TODAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("days", "since", "refused_since"),
    [(400, date(2026, 1, 25), date(2026, 12, 1)), (90, date(2026, 12, 1), date(2026, 12, 1))],
)
def test_rows_are_kept_for_whole_days(days: int, since: date, refused_since: date) -> None:
    assert CompleteRows.after_retention(TODAY, days) == CompleteRows(since, refused_since)


def test_a_longer_retention_brings_no_deleted_row_back() -> None:
    known = CompleteRows.after_retention(TODAY, 100)

    assert known.advanced_to(CompleteRows.after_retention(TODAY, 400)) == known
    assert CompleteRows().advanced_to(known) == known
