"""JSON as it goes over the wire: compact, Chinese as it is, and no NaN, which only Python knows."""

import json
from typing import Any


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_compact_ascii = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def encode_json(value: object) -> str:
    """Text with lone surrogates, which UTF-8 cannot carry, falls back to escapes. Raises ValueError or TypeError."""
    text = _compact(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _compact_ascii(value)
    return text


class StrictJson:
    """The same, in the shape of a `json` module."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return encode_json(value)

    @staticmethod
    def loads(text: str) -> Any:
        return _decoder.decode(text)
