"""What staff may ask of the list of users: filters, search, order. Every combination has an index that serves it."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.shared.model import Instant, Model
from domain.users.model import INACTIVE_AFTER, ShownStatus, StoredStatus

SMALLEST_STEP = timedelta(milliseconds=1)
"""What storage can tell apart."""


class UserSort(StrEnum):
    """With a minus: from the newest, from the most."""

    CREATED = "createdAt"
    CREATED_DESCENDING = "-createdAt"
    LAST_LOGIN = "lastLoginAt"
    LAST_LOGIN_DESCENDING = "-lastLoginAt"
    LOGIN_COUNT = "loginCount"
    LOGIN_COUNT_DESCENDING = "-loginCount"

    @property
    def field(self) -> str:
        return self.value.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.value.startswith("-")


class Span(Model):
    """From the first instant to the last, both included; either may be open."""

    since: Instant | None = None
    until: Instant | None = None

    @property
    def is_open(self) -> bool:
        return self.since is None and self.until is None

    def narrowed(self, since: datetime | None = None, until: datetime | None = None) -> "Span":
        return Span(
            since=max(filter(None, (self.since, since)), default=None),
            until=min(filter(None, (self.until, until)), default=None),
        )


class UserFilter(Model):
    status: ShownStatus | None = None
    has_phone: bool | None = None
    province: str | None = None
    """A normalised name, or 未知."""
    created: Span = Span()
    last_login: Span = Span()
    needs_review: bool = False

    def stored_status(self) -> StoredStatus | None:
        return None if self.status is None else "blocked" if self.status == "blocked" else "active"

    def last_login_at(self, now: datetime) -> Span:
        """`inactive` is derived: an account that nobody logged in to for a while."""
        if self.status == "inactive":
            return self.last_login.narrowed(until=now - INACTIVE_AFTER - SMALLEST_STEP)
        if self.status == "active":
            return self.last_login.narrowed(since=now - INACTIVE_AFTER)
        return self.last_login


class UserQuery(Model):
    filter: UserFilter = UserFilter()
    search: str = ""
    sort: UserSort = UserSort.CREATED_DESCENDING
    now: Instant
