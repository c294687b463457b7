"""What the media provider tells us. Believed when it proves itself; acted upon when it is still news."""

import json
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web

from domain.interviews.media import ForgedReport
from domain.shared.text import Text
from http_api.access import PUBLIC
from http_api.endpoint import Call, Endpoints
from http_api.rates import Rate

endpoints = Endpoints("/api/zego", tag=Text("即构回调", "Callbacks of ZEGO"))

MOST_FIELDS = 40
LONGEST_BODY = 64 * 1024


@endpoints.post(
    "/callback",
    access=PUBLIC,
    rate=Rate.CALLBACK,
    unaudited="a hint; every step that follows from it is written down by the room",
    raises=(ForgedReport,),
)
async def callback(call: Call) -> None:
    """即构房间回调（JSON 或表单）· reports of rooms; anything but 2xx makes ZEGO send them again"""
    await call.services.media.watch.receive(await _fields(call.request))


async def _fields(request: web.Request) -> dict[str, str]:
    """The message as plain texts, in whichever of its forms it came. What is none of them proves nothing."""
    raw = await request.read()
    try:
        text = raw.decode() if len(raw) <= LONGEST_BODY else ""
        sent = dict(await request.post()) if request.content_type.endswith("form-urlencoded") else _json(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(sent, dict) or len(sent) > MOST_FIELDS:
        return {}
    return {str(name): _text(value) for name, value in sent.items() if value is not None}


def _json(text: str) -> Any:
    """The documentation says that the body is URL-encoded; what is seen is plain."""
    return json.loads(text if text.lstrip().startswith("{") else unquote_plus(text))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
