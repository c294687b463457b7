"""JSON for the wire: compact, Chinese unescaped, and no NaN or Infinity, which JSON does not have."""

import json
from typing import Any


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_compact_ascii = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def encode_json(value: object) -> str:
    """Text with lone surrogates, which UTF-8 cannot carry, is escaped. Raises ValueError or TypeError."""
    text = _compact(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _compact_ascii(value)
    return text


class StrictJson:
    """The same as an object that python-socketio takes for its `json` module."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return encode_json(value)

    @staticmethod
    def loads(text: str) -> Any:
        return _decoder.decode(text)
