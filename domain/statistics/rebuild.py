"""Rebuilds the counters from stored records: after an import, or when the counters are in doubt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from domain.shared.business_day import business_day
from domain.shared.places.region import Region
from domain.statistics import counters
from domain.statistics.counters import Counters, sum_counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.increments import MAX_WINDOW_DAYS, NEVER, activity_increments, registration_increments
from domain.statistics.retention import CompleteRows

_STATE_GROUPS = ("regions", "loginCounts")
_NONE: Mapping[date, Counters] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UserRecord:
    id: str
    registered_at: datetime
    login_count: int
    has_phone: bool
    region: Region
    last_active_at: datetime | None
    is_gone: bool = False
    """Deleted or merged; only its document remains."""


class StatisticsRebuild:
    """Add every row of the login log, in any order, then every user; `result` returns the counters.

    Rows are exact. Of a user that existed before the log only the document is known: the registration and the last
    activity. Activity in between is unknown and is not counted.

    Days whose rows may have been deleted keep their `stored` counters; so do refused logins.
    """

    def __init__(self, complete: CompleteRows | None = None, stored: Mapping[date, Counters] = _NONE) -> None:
        self._complete = complete or CompleteRows()
        self._days = {day: Counters(counted) for day, counted in stored.items() if day < self._complete.since}
        for day, counted in stored.items():
            if self._complete.since <= day < self._complete.refused_since and counted[counters.FAILED]:
                self._on(day).add({counters.FAILED: counted[counters.FAILED]})
        self._present = Counters()
        self._registered: set[str] = set()
        self._deleted: set[str] = set()
        self._phones: dict[str, int] = {}
        self._first_active: dict[str, tuple[date, str]] = {}

    def add_row(self, user_id: str, day: date, increments: Mapping[str, int]) -> None:
        if day < self._complete.since or (day < self._complete.refused_since and increments.get(counters.FAILED)):
            return  # its stored counters are kept
        self._on(day).add(increments)
        if increments.get(counters.REGISTERED):
            self._registered.add(user_id)
        if increments.get(counters.DELETED):
            self._deleted.add(user_id)
        if bound := increments.get(counters.PHONES_BOUND, 0) - increments.get(counters.PHONES_LOST, 0):
            self._phones[user_id] = self._phones.get(user_id, 0) + bound
        if increments.get(counters.ACTIVE):
            known = self._first_active.get(user_id)
            if known is None or day < known[0]:
                self._first_active[user_id] = day, next(iter(Counters(increments).group("gaps")), NEVER)

    def add_user(self, user: UserRecord) -> None:
        if not user.is_gone:
            self._present.add(registration_increments(user.has_phone, user.region, user.login_count))
        is_imported = user.id not in self._registered and (not user.is_gone or user.id in self._deleted)
        if is_imported:
            self._count_imported(user)

    def result(self) -> DailyCounters:
        """The total is the sum of the days."""
        # An imported user's first region and log-in count: the present ones without the changes in its rows.
        left = _state_of(self._present)
        left.add({name: -count for name, count in _state_of(sum_counters(self._days.values())).items()})
        if any(left.values()):
            first = max(min(self._days, default=date.min), self._complete.since)
            self._on(first).add({name: count for name, count in left.items() if count})
        return DailyCounters(total=sum_counters(self._days.values()), days=self._days)

    def _count_imported(self, user: UserRecord) -> None:
        registered = business_day(user.registered_at)
        if registered < self._complete.since:
            return  # the stored counters include it
        first_day = self._on(registered)
        first_day.add({counters.REGISTERED: 1})
        if int(user.has_phone and not user.is_gone) - self._phones.get(user.id, 0) > 0:
            first_day.add({counters.PHONES_BOUND: 1})
        seen = self._last_seen_before_rows(user)
        if seen is None and user.login_count == 0:
            return  # created by staff and never used
        first_day.add(activity_increments(registered, None))
        if seen is not None and seen > registered:
            self._on(seen).add(activity_increments(seen, registered))

    def _last_seen_before_rows(self, user: UserRecord) -> date | None:
        if user.id not in self._first_active:
            return business_day(user.last_active_at) if user.last_active_at else None
        day, gap = self._first_active[user.id]
        if gap == NEVER or int(gap) >= MAX_WINDOW_DAYS:
            return None
        return day - timedelta(days=int(gap))

    def _on(self, day: date) -> Counters:
        return self._days.setdefault(day, Counters())


def _state_of(counted: Counters) -> Counters:
    """The counts that describe present users: how many there are, with phone, by region and by login count."""
    state = Counters({name: count for name, count in counted.items() if name.split(".", 1)[0] in _STATE_GROUPS})
    state[counters.REGISTERED] = counted[counters.REGISTERED] - counted[counters.DELETED]
    state[counters.PHONES_BOUND] = counted[counters.PHONES_BOUND] - counted[counters.PHONES_LOST]
    return state
