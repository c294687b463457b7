"""A small town of users, told twice: as the facts that the application records, and as the plain truth to count."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from domain.shared.business_day import business_day
from domain.shared.region import Region
from domain.statistics.increments import tally_of
from domain.statistics.ledger import Ledger
from domain.statistics.tally import Tally, sum_of
from domain.users.events import CountedUserEvent, UserActive, UserDeleted, UserPhoneChanged, UserRegionChanged
from domain.users.login.record import LoginMethod

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Inhabitant:
    id: str
    registered_at: datetime
    region: Region
    has_phone: bool = False
    login_count: int = 0
    active_at: list[datetime] = field(default_factory=list)
    deleted_at: datetime | None = None

    def active_days(self) -> set[date]:
        return {business_day(at) for at in self.active_at}


class History:
    def __init__(self) -> None:
        self.users: dict[str, Inhabitant] = {}
        self.everyone: list[Inhabitant] = []
        self.facts: list[CountedUserEvent] = []
        self._ids = itertools.count(1)

    def login(self, name: str, at: datetime, method: LoginMethod = "openid", region: Region | None = None) -> None:
        """Registers whoever is not known, or was deleted."""
        user = self.users.get(name)
        is_new = user is None
        if user is None:
            user = self.users[name] = Inhabitant(self._id(at), at, region or Region())
            self.everyone.append(user)
        counted = user.login_count
        if method != "refresh" or is_new:
            user.login_count += 1
        previous = user.active_at[-1] if user.active_at else None
        user.active_at.append(at)
        self.facts.append(
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
            self.facts.append(UserPhoneChanged(**self._state(user, at)))

    def move(self, name: str, at: datetime, region: Region) -> None:
        user = self.users.get(name)
        if user and user.region != region:
            before, user.region = user.region, region
            self.facts.append(UserRegionChanged(**self._state(user, at), previous_region=before))

    def delete(self, name: str, at: datetime) -> None:
        if user := self.users.pop(name, None):
            user.deleted_at = at
            self.facts.append(UserDeleted(**self._state(user, at), last_active_at=user.active_at[-1]))

    def _state(self, user: Inhabitant, at: datetime) -> dict[str, object]:
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

    def ledger(self) -> Ledger:
        days: dict[date, Tally] = {}
        for fact in self.facts:
            days.setdefault(business_day(fact.at), Tally()).add(tally_of(fact))
        return Ledger(total=sum_of(days.values()), days=days)

    # --- the plain truth, by looking at every user

    def members(self) -> int:
        return len(self.users)

    def members_at_end_of(self, day: date) -> int:
        return sum(
            business_day(user.registered_at) <= day and not (user.deleted_at and business_day(user.deleted_at) <= day)
            for user in self.everyone
        )

    def active_in(self, last: date, window: int) -> int:
        wanted = {last - timedelta(days=back) for back in range(window)}
        return sum(bool(user.active_days() & wanted) for user in self.everyone)

    def silent(self, today: date) -> int:
        wanted = {today - timedelta(days=back) for back in range(30)}
        return sum(not user.active_days() & wanted for user in self.users.values())

    def retained(self, day: date, age: int) -> int:
        return sum(
            business_day(user.registered_at) == day and day + timedelta(days=age) in user.active_days()
            for user in self.everyone
        )

    def registered_on(self, day: date) -> int:
        return sum(business_day(user.registered_at) == day for user in self.everyone)
