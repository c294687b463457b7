"""Chinese identity card numbers (身份证号): 18 characters, of which the last is a check digit (GB 11643)."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"


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


IdCard = Annotated[str, StringConstraints(strip_whitespace=True, max_length=18), AfterValidator(check_id_card)]
"""An identity card number in a request or document, or empty."""
