"""Parses callbacks of providers: forms and JSON, with all values as text."""

import json
from typing import Any, Final
from urllib.parse import unquote_plus

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from http_api.core.body_errors import BodyTooLarge

MAX_BODY_BYTES: Final = 16 * 1024
"""The longest real ones have some twenty short fields and a signature of 344 characters: 2 KB."""
MAX_FIELDS: Final = 40
MAX_VALUE_LENGTH: Final = 8192
_UNREADABLE: Final = (
    *(ValueError, LookupError, RecursionError, HttpProcessingError, web.RequestPayloadError),
    *(TypeError, RuntimeError),  # from aiohttp, for strange parts of a multipart body
)
"""Errors of a body that is neither JSON nor a form, has an unknown charset, or does not match its Content-Encoding."""
_FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def callback_fields(request: web.Request) -> dict[str, str]:
    """The fields of a form or JSON object (which some providers URL-encode); empty for any other body.

    Raises BodyTooLarge after MAX_BODY_BYTES: the signature is in the body, so each body is read.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise BodyTooLarge
    request = request.clone(client_max_size=MAX_BODY_BYTES)
    try:
        sent: Any = dict(await request.post()) if request.content_type in _FORM_TYPES else _json(await request.read())
        if not isinstance(sent, dict) or len(sent) > MAX_FIELDS:
            return {}
        fields = {str(name): _text(value) for name, value in sent.items() if value is not None}
        "".join([*fields, *fields.values()]).encode()  # refuses lone surrogates, which JSON may contain
    except web.HTTPRequestEntityTooLarge:
        raise BodyTooLarge from None
    except _UNREADABLE:
        return {}
    return fields if all(len(value) <= MAX_VALUE_LENGTH for value in fields.values()) else {}


def _json(raw: bytes) -> Any:
    text = raw.decode()
    return json.loads(text if text.lstrip().startswith("{") else unquote_plus(text))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, web.FileField):
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
