"""The figures as they are read: one tally a day, and one of everything since the beginning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.statistics import tally
from domain.statistics.tally import Tally

_NOTHING: Mapping[str, int] = Tally()


@dataclass(frozen=True, slots=True)
class Ledger:
    """`days` reaches back as far as was asked for; a day without facts is absent."""

    total: Tally
    days: Mapping[date, Tally]

    def on(self, day: date) -> Mapping[str, int]:
        return self.days.get(day, _NOTHING)

    @property
    def members(self) -> int:
        """Accounts that exist now."""
        return _members(self.total)

    @property
    def with_phone(self) -> int:
        return self.total[tally.PHONES_BOUND] - self.total[tally.PHONES_LOST]

    def members_at_end_of(self, day: date) -> int:
        """Counted back from now, so that no day has to keep a running sum that a late fact would spoil."""
        return self.members - sum(_members(counted) for later, counted in self.days.items() if later > day)


def _members(counted: Tally) -> int:
    return counted[tally.REGISTERED] - counted[tally.DELETED]
