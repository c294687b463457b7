"""What each fact adds to the figures of its day. Every figure is a sum of these effects, and of nothing else."""

from bisect import bisect_right
from datetime import date, datetime
from typing import Final

from domain.shared.business_day import business_day
from domain.shared.region import UNKNOWN, Region
from domain.statistics import tally
from domain.statistics.tally import Tally
from domain.users.events import CountedUserEvent, UserActive, UserDeleted, UserPhoneChanged, UserRegionChanged

LONGEST_WINDOW: Final = 30
"""Days of the widest activity window (MAU). An absence of that length or more is one as good as another."""
NEVER: Final = "new"
"""The gap of somebody who was never active before."""
RETENTION_DAYS: Final = (1, 7)
LOGIN_COUNT_BUCKETS: Final = (0, 1, 2, 6, 11, 21, 51, 101)
"""The lowest count of each bucket of the log-in histogram."""


def tally_of(fact: CountedUserEvent) -> Tally:
    match fact:
        case UserActive():
            return _of_activity(fact)
        case UserPhoneChanged():
            return Tally({tally.PHONES_BOUND if fact.has_phone else tally.PHONES_LOST: 1})
        case UserRegionChanged():
            effects = Tally({region_name(fact.region): 1})
            effects.add({region_name(fact.previous_region): -1})
            return effects
        case UserDeleted():
            return _of_deletion(fact)
    raise TypeError(f"no figure knows {fact.type!r}")


def tally_of_refusal() -> Tally:
    return Tally({tally.FAILED: 1})


def registration(has_phone: bool, region: Region, login_count: int) -> Tally:
    """An account that begins to count."""
    effects = Tally({tally.REGISTERED: 1, region_name(region): 1, bucket_name(login_count): 1})
    if has_phone:
        effects[tally.PHONES_BOUND] = 1
    return effects


def activity(day: date, previous: date | None) -> Tally:
    """The first activity of an account on `day`, after a last one on `previous`; nothing when it is not the first."""
    if previous is not None and previous >= day:
        return Tally()
    gap = NEVER if previous is None else str(min((day - previous).days, LONGEST_WINDOW))
    return Tally({tally.ACTIVE: 1, f"gaps.{gap}": 1})


def _of_activity(fact: UserActive) -> Tally:
    day = business_day(fact.at)
    effects = activity(day, _day(fact.previous_active_at))
    if fact.is_new:
        effects.add(registration(fact.has_phone, fact.region, fact.login_count))
    elif fact.login_count != fact.previous_login_count:
        old, new = bucket_name(fact.previous_login_count), bucket_name(fact.login_count)
        if old != new:
            effects.add({old: -1, new: 1})
    if effects[tally.ACTIVE]:
        age = (day - business_day(fact.registered_at)).days
        if age in RETENTION_DAYS:
            effects[f"retained.{age}"] = 1
    if fact.method != "refresh":
        effects[tally.LOGINS] = 1
    return effects


def _of_deletion(fact: UserDeleted) -> Tally:
    effects = Tally({tally.DELETED: 1, region_name(fact.region): -1, bucket_name(fact.login_count): -1})
    if fact.has_phone:
        effects[tally.PHONES_LOST] = 1
    last = _day(fact.last_active_at)
    if last is not None:
        gap = max((business_day(fact.at) - last).days, 0)
        if gap < LONGEST_WINDOW:  # still part of a window's activity, though no account any more
            effects[f"departures.{gap}"] = 1
    return effects


def region_name(region: Region) -> str:
    return f"regions.{_word(region.province)}/{_word(region.city)}"


def bucket_name(login_count: int) -> str:
    lowest = LOGIN_COUNT_BUCKETS[bisect_right(LOGIN_COUNT_BUCKETS, max(login_count, 0)) - 1]
    return f"loginCounts.{lowest}"


def _word(name: str) -> str:
    # Normalised names hold none of these; one that does would break the name of the counter.
    return name if name and not set(name) & set("./$\0") else UNKNOWN


def _day(at: datetime | None) -> date | None:
    return business_day(at) if at else None
