"""Chinese identity card numbers (身份证号): 18 characters, among them the birthday and a check digit (GB 11643)."""

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"
_EARLIEST_BIRTH: Final = date(1900, 1, 1)


def check_id_card(text: str) -> str:
    """The number in upper case; empty text stays empty. ValueError when it is not a valid number."""
    if not text:
        return text
    card = text.upper()
    if not re.fullmatch(r"[1-9]\d{16}[0-9X]", card):
        raise ValueError("身份证号格式不正确 / not an identity card number")
    total = sum(int(digit) * weight for digit, weight in zip(card, _WEIGHTS, strict=False))
    if _CHECK_DIGITS[total % 11] != card[-1]:
        raise ValueError("身份证号校验位不正确 / the identity card number has a wrong check digit")
    return card


def check_birthday(card: str) -> str:
    """The number. ValueError when its birthday is not a day of the calendar since 1900."""
    if card:
        birthday_of(card)
    return card


def has_birthday(card: str) -> bool:
    """True when the card has a possible birthday."""
    try:
        birthday_of(card)
    except ValueError:
        return False
    return True


def birthday_of(card: str) -> date:
    """ValueError when the card has no possible birthday."""
    try:
        born = date.fromisoformat(card[6:14])
    except ValueError:
        born = date.min
    if born < _EARLIEST_BIRTH:
        raise ValueError("身份证号中的出生日期不存在 / the identity card number has an impossible birthday")
    return born


StoredIdCard = Annotated[str, StringConstraints(strip_whitespace=True, max_length=18), AfterValidator(check_id_card)]
"""An identity card number in a document, or empty. Older documents may have an impossible birthday."""
IdCard = Annotated[StoredIdCard, AfterValidator(check_birthday)]
"""An identity card number in a request, or empty."""
