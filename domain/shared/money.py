"""Money: whole fen in Python and documents, yuan on the wire, and amounts in words (金额大写) for contracts."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

FEN_PER_YUAN: Final = 100
MAX_FEN: Final = 10**12 * FEN_PER_YUAN
"""A million million yuan: a larger amount is a typing error."""

Fen = Annotated[int, Field(strict=True, ge=0, le=MAX_FEN)]
"""An amount as stored and calculated."""

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_MAX_TEXT_LENGTH: Final = 24


def fen_of_yuan(value: object) -> int:
    """Yuan as clients send them (number or text), in fen. ValueError: not an amount, or more than two decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("金额格式不正确 / not an amount")
    text = str(value).strip().replace(",", "")
    if len(text) > _MAX_TEXT_LENGTH:
        raise ValueError("金额格式不正确 / not an amount")
    try:
        # The text of a float is the decimal number that was sent, not the nearest binary one.
        fen = Decimal(text) * FEN_PER_YUAN
    except InvalidOperation:
        raise ValueError("金额格式不正确 / not an amount") from None
    if not fen.is_finite() or not 0 <= fen <= MAX_FEN:
        raise ValueError("金额超出范围 / the amount is out of range")
    if fen != fen.to_integral_value():
        raise ValueError("金额最多两位小数 / at most two decimals")
    return int(fen)


def yuan_of_fen(fen: int) -> int | float:
    """A JSON number of yuan, as legacy clients read amounts."""
    return fen // FEN_PER_YUAN if fen % FEN_PER_YUAN == 0 else fen / FEN_PER_YUAN


def yuan_text(fen: int) -> str:
    """`12345.6` → `12345.60`; whole yuan without decimals, as templates show them."""
    yuan, rest = divmod(fen, FEN_PER_YUAN)
    return f"{yuan}.{rest:02d}" if rest else str(yuan)


YuanInput = Annotated[
    int,
    BeforeValidator(fen_of_yuan),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10**12, "multipleOf": 0.01, "description": "元 · yuan"}),
]
"""An amount in a request: yuan on the wire, fen in Python."""
YuanOutput = Annotated[
    int,
    PlainSerializer(yuan_of_fen, return_type=int | float, when_used="json"),
    WithJsonSchema({"type": "number", "description": "元 · yuan"}),
]
"""An amount in a response: fen in Python, yuan on the wire."""


def amount_in_words(fen: int) -> str:
    """`123456` → `壹仟贰佰叁拾肆元伍角陆分`. ValueError: negative, or more than MAX_FEN."""
    if not 0 <= fen <= MAX_FEN:
        raise ValueError("the amount is out of range")
    yuan, rest = divmod(fen, FEN_PER_YUAN)
    jiao, cents = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan or not rest else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif cents and words:
        words += "零"  # 壹元零伍分: no digit can be inserted afterwards
    return words + (f"{_DIGITS[cents]}分" if cents else "整")


def _whole(number: int) -> str:
    """Groups by 亿 and 万; consecutive empty places become one 零."""
    if number == 0:
        return _DIGITS[0]
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            above, below = divmod(number, size)
            gap = _DIGITS[0] if 0 < below < size // 10 else ""
            return _whole(above) + name + gap + (_whole(below) if below else "")
    return _section(number)


def _section(number: int) -> str:
    """1 to 9999."""
    words, skipped = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += (_DIGITS[0] if skipped and words else "") + _DIGITS[digit] + _PLACES[place]
            skipped = False
        else:
            skipped = True
    return words
