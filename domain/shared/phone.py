"""Mainland mobile numbers: parses the forms that people type into the one form that is stored."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋", "0123456789+")
_MAINLAND = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


def normalise_phone(typed: str) -> str:
    """The 11 digits of a mainland mobile number. ValueError when it is not one."""
    # Numbers copied from a phone's contacts contain invisible direction marks (category Cf).
    shown = "".join(c for c in typed if not c.isspace() and unicodedata.category(c) != "Cf")
    number = _MAINLAND.fullmatch(shown.translate(_FULL_WIDTH))
    if number is None:
        raise ValueError("手机号格式不正确 / not a mainland mobile number")
    return number[1]


Phone = Annotated[str, Field(max_length=40, examples=["13800138000"]), AfterValidator(normalise_phone)]
"""A phone number in a request; 11 digits after validation."""
