"""The figures from nothing but records: for a database that was moved in, and for one whose figures are doubted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.shared.business_day import business_day
from domain.shared.region import Region
from domain.statistics import tally
from domain.statistics.increments import LONGEST_WINDOW, NEVER, activity, registration
from domain.statistics.ledger import Ledger
from domain.statistics.tally import Tally, sum_of

_STATE_GROUPS = ("regions", "loginCounts")


@dataclass(frozen=True, slots=True)
class KnownUser:
    id: str
    registered_at: datetime
    login_count: int
    has_phone: bool
    region: Region
    last_active_at: datetime | None
    gone: bool = False
    """Deleted or merged; the document that is left of it."""


class Rebuild:
    """Takes every row of the journal, in any order, then every user; `ledger` has the result.

    What rows tell is exact. Of an account that was there before the journal only its document speaks: when it was
    registered, and when it was last seen; in between nothing is known, and nothing is made up.
    """

    def __init__(self) -> None:
        self._days: dict[date, Tally] = {}
        self._present = Tally()
        self._registered: set[str] = set()
        self._deleted: set[str] = set()
        self._phones: dict[str, int] = {}
        self._first_active: dict[str, tuple[date, str]] = {}

    def row(self, user_id: str, day: date, effects: Mapping[str, int]) -> None:
        self._on(day).add(effects)
        if effects.get(tally.REGISTERED):
            self._registered.add(user_id)
        if effects.get(tally.DELETED):
            self._deleted.add(user_id)
        if bound := effects.get(tally.PHONES_BOUND, 0) - effects.get(tally.PHONES_LOST, 0):
            self._phones[user_id] = self._phones.get(user_id, 0) + bound
        if effects.get(tally.ACTIVE):
            known = self._first_active.get(user_id)
            if known is None or day < known[0]:
                self._first_active[user_id] = day, next(iter(Tally(effects).group("gaps")), NEVER)

    def user(self, user: KnownUser) -> None:
        if not user.gone:
            self._present.add(registration(user.has_phone, user.region, user.login_count))
        counted_before = user.id not in self._registered and (not user.gone or user.id in self._deleted)
        if counted_before:
            self._moved_in(user)

    def ledger(self) -> Ledger:
        """The total is the sum of the days."""
        # The first region and log-in count of an account that moved in are what its present ones and its rows leave.
        left = Tally(self._state_counts(self._present))
        left.add({name: -count for name, count in self._state_counts(sum_of(self._days.values())).items()})
        if any(left.values()):
            self._on(min(self._days)).add({name: count for name, count in left.items() if count})
        return Ledger(total=sum_of(self._days.values()), days=self._days)

    def _moved_in(self, user: KnownUser) -> None:
        registered = business_day(user.registered_at)
        born = self._on(registered)
        born.add({tally.REGISTERED: 1})
        if int(user.has_phone and not user.gone) - self._phones.get(user.id, 0) > 0:
            born.add({tally.PHONES_BOUND: 1})
        seen = self._last_seen_before_rows(user)
        if seen is None and user.login_count == 0:
            return  # made by somebody else, and never used
        born.add(activity(registered, None))
        if seen is not None and seen > registered:
            self._on(seen).add(activity(seen, registered))

    def _last_seen_before_rows(self, user: KnownUser) -> date | None:
        if user.id not in self._first_active:
            return business_day(user.last_active_at) if user.last_active_at else None
        day, gap = self._first_active[user.id]
        if gap == NEVER or int(gap) >= LONGEST_WINDOW:
            return None
        return day - timedelta(days=int(gap))

    def _on(self, day: date) -> Tally:
        return self._days.setdefault(day, Tally())

    def _state_counts(self, counted: Tally) -> dict[str, int]:
        return {name: count for name, count in counted.items() if name.split(".", 1)[0] in _STATE_GROUPS}
