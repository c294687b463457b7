"""Demand card: the free text of a customer fills the structured field beside it, if that field is empty."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

_CHINESE_DIGITS: Final = {digit: number for number, digit in enumerate("零一二三四五六七八九十")} | {"两": 2}
_DATE: Final = re.compile(r"(20\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})")
MAX_FAMILY: Final = 20


def filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The structured fields that the texts of the card fill. `fields`: all values, by their names."""
    found = {
        twin: value
        for source, (twin, parse) in _TWINS.items()
        if not fields.get(twin) and fields.get(source) and (value := parse(fields[source])) is not None
    }
    return {name: value for name, value in found.items() if value != ""}


def _whole_number(least: int, most: int) -> Callable[[str], int | None]:
    def parse(text: str) -> int | None:
        digits = re.search(r"\d{1,9}", text)
        number = int(digits[0]) if digits else None
        return number if number is not None and least <= number <= most else None

    return parse


def _family(text: str) -> int | None:
    number = _whole_number(1, MAX_FAMILY)(text)
    if number is not None:
        return number
    numerals = re.search(r"[一二两三四五六七八九十]{1,3}", text)
    return _chinese_number(numerals[0]) if numerals else None


def _chinese_number(text: str) -> int | None:
    """`三` → 3, `十二` → 12, `二十` → 20; None above 20."""
    tens, ten, ones = text.rpartition("十")
    number = (_CHINESE_DIGITS.get(tens, 1) * 10 if ten else 0) + (_CHINESE_DIGITS.get(ones, 0) if ones else 0)
    return number if 1 <= number <= MAX_FAMILY else None


def _date(text: str) -> date | None:
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _text(text: str) -> str:
    return text


_TWINS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "need_order_type": ("service_category", _text),
    "need_salary": ("salary_budget", _whole_number(1_000, 50_000)),
    "need_rest_time": ("rest_schedule", _text),
    "need_onboarding_time": ("expected_start_date", _date),
    "need_house_area": ("home_area", _whole_number(10, 1_000)),
    "need_family_members": ("family_size", _family),
    "need_service_address": ("address", _text),
}
"""Free text → its structured twin. A text for an enumerated field counts only if the dictionary has it."""
