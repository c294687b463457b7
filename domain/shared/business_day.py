"""The business day: Asia/Shanghai, whatever zone the server runs in. Nothing else in the system knows it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def business_day(at: datetime) -> date:
    """The day that an instant falls on; a day is half-open, [00:00, next 00:00)."""
    return at.astimezone(BUSINESS_ZONE).date()


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC)


def next_midnight(now: datetime) -> datetime:
    """When the day after `now`'s begins."""
    return start_of(business_day(now) + timedelta(days=1))


def days_ending(last: date, count: int) -> list[date]:
    """`count` consecutive days, oldest first."""
    return [last - timedelta(days=back) for back in reversed(range(count))]
