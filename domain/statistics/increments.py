"""The increments that each event adds to the counters of its day. All statistics are sums of these increments."""

from bisect import bisect_right
from datetime import date, datetime
from typing import Final

from domain.shared.business_day import business_day
from domain.shared.places.region import UNKNOWN, Region
from domain.statistics import counters
from domain.statistics.counters import Counters
from domain.users.events import CountedUserEvent, UserActive, UserDeleted, UserPhoneChanged, UserRegionChanged

MAX_WINDOW_DAYS: Final = 30
"""The longest activity window (MAU). Longer gaps need not be distinguished."""
NEVER: Final = "new"
"""The gap of a user's first activity."""
RETENTION_DAYS: Final = (1, 7)
LOGIN_COUNT_BUCKETS: Final = (0, 1, 2, 6, 11, 21, 51, 101)
"""The lower bounds of the buckets of the log-in histogram."""


def increments_of(event: CountedUserEvent) -> Counters:
    match event:
        case UserActive():
            return _of_activity(event)
        case UserPhoneChanged():
            return Counters({counters.PHONES_BOUND if event.has_phone else counters.PHONES_LOST: 1})
        case UserRegionChanged():
            increments = Counters({region_name(event.region): 1})
            increments.add({region_name(event.previous_region): -1})
            return increments
        case UserDeleted():
            return _of_deletion(event)
    raise TypeError(f"no increments for {event.type!r}")


def failed_login_increments(attempts: int = 1) -> Counters:
    return Counters({counters.FAILED: attempts})


def registration_increments(has_phone: bool, region: Region, login_count: int) -> Counters:
    """The increments of a new user."""
    increments = Counters({counters.REGISTERED: 1, region_name(region): 1, bucket_name(login_count): 1})
    if has_phone:
        increments[counters.PHONES_BOUND] = 1
    return increments


def activity_increments(day: date, previous: date | None) -> Counters:
    """The increments of activity on `day` after one on `previous`; none if it is not the first of the day."""
    if previous is not None and previous >= day:
        return Counters()
    gap = NEVER if previous is None else str(min((day - previous).days, MAX_WINDOW_DAYS))
    return Counters({counters.ACTIVE: 1, f"gaps.{gap}": 1})


def _of_activity(event: UserActive) -> Counters:
    day = business_day(event.at)
    increments = activity_increments(day, _day(event.previous_active_at))
    if event.is_new:
        increments.add(registration_increments(event.has_phone, event.region, event.login_count))
    elif event.login_count != event.previous_login_count:
        old, new = bucket_name(event.previous_login_count), bucket_name(event.login_count)
        if old != new:
            increments.add({old: -1, new: 1})
    if increments[counters.ACTIVE]:
        age = (day - business_day(event.registered_at)).days
        if age in RETENTION_DAYS:
            increments[f"retained.{age}"] = 1
    if event.method != "refresh":
        increments[counters.LOGINS] = 1
    return increments


def _of_deletion(event: UserDeleted) -> Counters:
    increments = Counters({counters.DELETED: 1, region_name(event.region): -1, bucket_name(event.login_count): -1})
    if event.has_phone:
        increments[counters.PHONES_LOST] = 1
    last = _day(event.last_active_at)
    if last is not None:
        gap = max((business_day(event.at) - last).days, 0)
        if gap < MAX_WINDOW_DAYS:  # deleted, but still part of the activity of the window
            increments[f"departures.{gap}"] = 1
    return increments


def region_name(region: Region) -> str:
    return f"regions.{_key_part(region.province)}/{_key_part(region.city)}"


def bucket_name(login_count: int) -> str:
    lowest = LOGIN_COUNT_BUCKETS[bisect_right(LOGIN_COUNT_BUCKETS, max(login_count, 0)) - 1]
    return f"loginCounts.{lowest}"


def _key_part(name: str) -> str:
    # Normalised names contain none of these characters, which would break the counter's name.
    return name if name and not set(name) & set("./$\0") else UNKNOWN


def _day(at: datetime | None) -> date | None:
    return business_day(at) if at else None
