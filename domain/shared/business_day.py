"""Days of the agency: the business day in Asia/Shanghai, whatever zone the server runs in, and dates as fields.

No other module knows the agency's time zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer, SerializationInfo, WithJsonSchema

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
_CONTACT_FROM, _CONTACT_UNTIL = time(9), time(21)


def business_day(at: datetime) -> date:
    """The day that an instant falls on; a day is half-open, [00:00, next 00:00)."""
    return at.astimezone(BUSINESS_ZONE).date()


def start_of_day(day: date) -> datetime:
    """The first instant of a business day, in UTC."""
    return datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC)


def local_minute(at: datetime) -> str:
    """The instant on the agency's clock, such as `11-30 14:05`, for texts about the near past and future."""
    return f"{at.astimezone(BUSINESS_ZONE):%m-%d %H:%M}"


def days_ending(last: date, count: int) -> list[date]:
    """The `count` consecutive days that end with `last`, oldest first."""
    return [last - timedelta(days=back) for back in reversed(range(count))]


def is_within_contact_hours(at: datetime) -> bool:
    """True from 9:00 to 21:00, when customers may be written to."""
    return _CONTACT_FROM <= at.astimezone(BUSINESS_ZONE).time() < _CONTACT_UNTIL


def _parse(value: object) -> object:
    """A date, or an instant that stands for one: clients and documents write midnight in UTC or in Shanghai."""
    if isinstance(value, str) and len(value) > 10:
        value = _parse_instant(value)
    if not isinstance(value, datetime):
        return value
    try:
        return business_day(value if value.tzinfo else value.replace(tzinfo=UTC))
    except OverflowError:
        raise ValueError("日期超出范围 / outside of the calendar") from None


def _parse_instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("日期格式不正确 / not a date") from None  # Python's own message quotes the input


def _serialize(value: date, info: SerializationInfo) -> object:
    # Documents hold instants: MongoDB has no type for a date.
    return value.isoformat() if info.mode_is_json() else datetime.combine(value, time(), UTC)


Day = Annotated[
    date,
    BeforeValidator(_parse),
    PlainSerializer(_serialize),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A date field: `2026-01-31` in JSON, midnight in UTC in documents."""
