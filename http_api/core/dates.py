"""Days and instants that callers state. The first and last years of the calendar are refused: a time zone on top of
them is outside of it, for us as for the store."""

from datetime import UTC, date, datetime
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, AwareDatetime

from domain.shared.business_day import Day

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
_FIRST: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)

Stated = TypeVar("Stated", date, datetime)


def _within_the_calendar(stated: Stated) -> Stated:
    inside = _FIRST <= stated <= _LAST if isinstance(stated, datetime) else _FIRST.date() <= stated <= _LAST.date()
    if not inside:
        raise ValueError(
            f"日期须在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间 / not between the years {FIRST_YEAR} and {LAST_YEAR}"
        )
    return stated


InputDay = Annotated[Day, AfterValidator(_within_the_calendar)]
InputInstant = Annotated[AwareDatetime, AfterValidator(_within_the_calendar)]
