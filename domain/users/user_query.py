"""Query of the user list: filters, search and order. Every combination is served by an index."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.shared.model import Instant, Model
from domain.users.model import INACTIVE_AFTER, ShownStatus, StoredStatus

STORAGE_RESOLUTION = timedelta(milliseconds=1)
"""The smallest difference between two stored instants."""


class UserSort(StrEnum):
    """A minus sorts in descending order."""

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


class TimeRange(Model):
    """From `since` to `until`, both included; None is unbounded."""

    since: Instant | None = None
    until: Instant | None = None

    @property
    def is_unbounded(self) -> bool:
        return self.since is None and self.until is None

    def narrowed(self, since: datetime | None = None, until: datetime | None = None) -> "TimeRange":
        return TimeRange(
            since=max(filter(None, (self.since, since)), default=None),
            until=min(filter(None, (self.until, until)), default=None),
        )


class UserFilter(Model):
    status: ShownStatus | None = None
    has_phone: bool | None = None
    province: str | None = None
    """A normalised name, or UNKNOWN (未知)."""
    created: TimeRange = TimeRange()
    last_login: TimeRange = TimeRange()
    needs_review: bool = False

    def stored_status(self) -> StoredStatus | None:
        return None if self.status is None else "blocked" if self.status == "blocked" else "active"

    def last_login_at(self, now: datetime) -> TimeRange:
        """The range of the last login. `active` and `inactive` are derived from it."""
        if self.status == "inactive":
            return self.last_login.narrowed(until=now - INACTIVE_AFTER - STORAGE_RESOLUTION)
        if self.status == "active":
            return self.last_login.narrowed(since=now - INACTIVE_AFTER)
        return self.last_login


class UserQuery(Model):
    filter: UserFilter = UserFilter()
    search: str = ""
    sort: UserSort = UserSort.CREATED_DESCENDING
    now: Instant
