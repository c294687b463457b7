"""Counters as reports read them: one set per day, and one total of all days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.statistics import counters
from domain.statistics.counters import Counters

_NO_COUNTS: Mapping[str, int] = Counters()


@dataclass(frozen=True, slots=True)
class DailyCounters:
    """`days` includes the requested days; a day without events is absent."""

    total: Counters
    days: Mapping[date, Counters]

    def on(self, day: date) -> Mapping[str, int]:
        return self.days.get(day, _NO_COUNTS)

    @property
    def user_count(self) -> int:
        """Users that exist now."""
        return _user_count(self.total)

    @property
    def users_with_phone(self) -> int:
        return self.total[counters.PHONES_BOUND] - self.total[counters.PHONES_LOST]

    def user_count_at_end_of(self, day: date) -> int:
        """Counted back from now: a running sum per day would become wrong with a late event."""
        return self.user_count - sum(_user_count(counted) for later, counted in self.days.items() if later > day)


def _user_count(counted: Counters) -> int:
    return counted[counters.REGISTERED] - counted[counters.DELETED]
