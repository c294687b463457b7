"""Dates and instants in requests, within years that every time zone can represent, in Python and in the store."""

from datetime import UTC, date, datetime
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, AwareDatetime

from domain.shared.business_day import Day

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
_FIRST: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)

Moment = TypeVar("Moment", date, datetime)


def _require_supported_year(moment: Moment) -> Moment:
    inside = _FIRST <= moment <= _LAST if isinstance(moment, datetime) else _FIRST.date() <= moment <= _LAST.date()
    if not inside:
        raise ValueError(
            f"日期须在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间 / not between the years {FIRST_YEAR} and {LAST_YEAR}"
        )
    return moment


InputDay = Annotated[Day, AfterValidator(_require_supported_year)]
InputInstant = Annotated[AwareDatetime, AfterValidator(_require_supported_year)]
