"""A simulated history of users, in two forms: the events that the application records, and users to count directly."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from domain.shared.business_day import business_day
from domain.shared.places.region import Region
from domain.statistics.counters import Counters, sum_counters
from domain.statistics.daily_counters import DailyCounters
from domain.statistics.increments import increments_of
from domain.users.events import CountedUserEvent, UserActive, UserDeleted, UserPhoneChanged, UserRegionChanged
from domain.users.login_record import LoginMethod

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class SimulatedUser:
    id: str
    registered_at: datetime
    region: Region
    has_phone: bool = False
    login_count: int = 0
    active_at: list[datetime] = field(default_factory=list)
    deleted_at: datetime | None = None

    def active_days(self) -> set[date]:
        return {business_day(at) for at in self.active_at}


class UserHistory:
    def __init__(self) -> None:
        self.users: dict[str, SimulatedUser] = {}
        self.all_users: list[SimulatedUser] = []
        self.events: list[CountedUserEvent] = []
        self._ids = itertools.count(1)

    def login(self, name: str, at: datetime, method: LoginMethod = "openid", region: Region | None = None) -> None:
        """Registers the user if it is new or was deleted."""
        user = self.users.get(name)
        is_new = user is None
        if user is None:
            user = self.users[name] = SimulatedUser(self._id(at), at, region or Region())
            self.all_users.append(user)
        counted = user.login_count
        if method != "refresh" or is_new:
            user.login_count += 1
        previous = user.active_at[-1] if user.active_at else None
        user.active_at.append(at)
        self.events.append(
            UserActive(
                **self._state(user, at),
                method=method,
                is_new=is_new,
                previous_active_at=previous,
                previous_login_count=counted,
            )
        )

    def toggle_phone(self, name: str, at: datetime) -> None:
        if user := self.users.get(name):
            user.has_phone = not user.has_phone
            self.events.append(UserPhoneChanged(**self._state(user, at)))

    def move(self, name: str, at: datetime, region: Region) -> None:
        user = self.users.get(name)
        if user and user.region != region:
            before, user.region = user.region, region
            self.events.append(UserRegionChanged(**self._state(user, at), previous_region=before))

    def delete(self, name: str, at: datetime) -> None:
        if user := self.users.pop(name, None):
            user.deleted_at = at
            self.events.append(UserDeleted(**self._state(user, at), last_active_at=user.active_at[-1]))

    def _state(self, user: SimulatedUser, at: datetime) -> dict[str, object]:
        return {
            "id": self._id(at),
            "at": at,
            "user_id": user.id,
            "registered_at": user.registered_at,
            "login_count": user.login_count,
            "has_phone": user.has_phone,
            "region": user.region,
        }

    def _id(self, at: datetime) -> str:
        return f"{int(at.timestamp()):08x}{next(self._ids):016x}"

    def daily_counters(self) -> DailyCounters:
        days: dict[date, Counters] = {}
        for event in self.events:
            days.setdefault(business_day(event.at), Counters()).add(increments_of(event))
        return DailyCounters(total=sum_counters(days.values()), days=days)

    # --- direct counts, over all users

    def user_count(self) -> int:
        return len(self.users)

    def user_count_at_end_of(self, day: date) -> int:
        return sum(
            business_day(user.registered_at) <= day and not (user.deleted_at and business_day(user.deleted_at) <= day)
            for user in self.all_users
        )

    def active_in(self, last: date, window: int) -> int:
        wanted = {last - timedelta(days=back) for back in range(window)}
        return sum(bool(user.active_days() & wanted) for user in self.all_users)

    def silent(self, today: date) -> int:
        wanted = {today - timedelta(days=back) for back in range(30)}
        return sum(not user.active_days() & wanted for user in self.users.values())

    def retained(self, day: date, age: int) -> int:
        return sum(
            business_day(user.registered_at) == day and day + timedelta(days=age) in user.active_days()
            for user in self.all_users
        )

    def registered_on(self, day: date) -> int:
        return sum(business_day(user.registered_at) == day for user in self.all_users)
