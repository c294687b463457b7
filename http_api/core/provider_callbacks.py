"""What providers post to us, as plain texts, in whichever of its forms it comes."""

import json
from typing import Any, Final
from urllib.parse import unquote_plus

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

MOST_FIELDS: Final = 40
LONGEST_VALUE: Final = 8192
_NOT_A_MESSAGE: Final = (ValueError, LookupError, RecursionError, HttpProcessingError, web.RequestPayloadError)
"""All that reading a body raises which is no JSON, no form, in no known charset, has parts that are no parts, or is
not compressed as it says."""
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def callback_fields(request: web.Request) -> dict[str, str]:
    """A form, or JSON (which some URL-encode). Nothing for what is none of them: it proves nothing."""
    try:
        sent: Any = dict(await request.post()) if request.content_type in _FORMS else _json(await request.read())
        if not isinstance(sent, dict) or len(sent) > MOST_FIELDS:
            return {}
        fields = {str(name): _text(value) for name, value in sent.items() if value is not None}
        "".join([*fields, *fields.values()]).encode()  # half of a character, which JSON may hold, is no text
    except _NOT_A_MESSAGE:
        return {}
    return fields if all(len(value) <= LONGEST_VALUE for value in fields.values()) else {}


def _json(raw: bytes) -> Any:
    text = raw.decode()
    return json.loads(text if text.lstrip().startswith("{") else unquote_plus(text))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, web.FileField):
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
