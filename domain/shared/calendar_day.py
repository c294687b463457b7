"""Calendar days as contracts state them. Which day an instant falls on is the business day's to say."""

from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, SerializationInfo, WithJsonSchema

from domain.shared.business_day import BUSINESS_ZONE, business_day

_OPENS, _CLOSES = time(9), time(21)


def is_waking_hours(at: datetime) -> bool:
    """Customers are not written to at night."""
    return _OPENS <= at.astimezone(BUSINESS_ZONE).time() < _CLOSES


def _read(value: object) -> object:
    """A date, or the instant at which clients and documents say that it begins (midnight in UTC or in Shanghai)."""
    if isinstance(value, str) and len(value) > 10:
        value = _instant(value)
    if not isinstance(value, datetime):
        return value
    try:
        return business_day(value if value.tzinfo else value.replace(tzinfo=UTC))
    except OverflowError:
        raise ValueError("日期超出范围 / outside of the calendar") from None


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("日期格式不正确 / not a date") from None  # Python's own text quotes what was sent


def _written(value: date, info: SerializationInfo) -> object:
    # Documents hold instants: the store has no type for a date.
    return value.isoformat() if info.mode_is_json() else datetime.combine(value, time(), UTC)


Day = Annotated[
    date,
    BeforeValidator(_read),
    PlainSerializer(_written),
    WithJsonSchema({"type": "string", "format": "date"}),
]
