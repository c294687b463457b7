"""Retention of the rows of the login log. The counters of the days before stay as they are stored."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

REFUSED_DAYS: Final = 90
"""How long rows of refused logins are kept."""
MIN_DAYS: Final = REFUSED_DAYS
"""The shortest retention of the other rows."""


@dataclass(frozen=True, slots=True)
class CompleteRows:
    """The days from which on the login log is sure to have every row. Rows of earlier days may have been deleted."""

    since: date = date.min
    refused_since: date = date.min
    """Of refused logins; not before `since`."""

    @classmethod
    def after_retention(cls, today: date, days: int) -> "CompleteRows":
        """For a log that keeps the rows of `today` and of the `days` days before."""
        return cls(since=today - timedelta(days=days), refused_since=today - timedelta(days=min(days, REFUSED_DAYS)))

    def advanced_to(self, later: "CompleteRows") -> "CompleteRows":
        """A longer retention brings no deleted row back."""
        return CompleteRows(max(self.since, later.since), max(self.refused_since, later.refused_since))
