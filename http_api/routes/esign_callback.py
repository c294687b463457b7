"""What the e-sign provider tells us. Verified, stored, answered `ok`; everything else happens afterwards."""

import json
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from domain.contracts.errors import ForgedCallback
from domain.shared.text import Text
from http_api.access import PUBLIC
from http_api.endpoint import Call, Endpoints
from http_api.rates import Rate
from http_api.routes.contract_parts import contracts_of

endpoints = Endpoints("/api/esign", tag=Text("电子签", "E-signing"))

MOST_FIELDS = 40
LONGEST_VALUE = 8192
NOT_A_MESSAGE = (ValueError, LookupError, RecursionError, HttpProcessingError)
"""All that reading a body raises which is no JSON, no form, in no known charset, or has parts that are no parts."""


@endpoints.post(
    "/callback",
    access=PUBLIC,
    rate=Rate.CALLBACK,
    unaudited="a hint; every step that follows from it is audited",
    raises=(ForgedCallback,),
    produces="text/plain",
)
async def callback(call: Call) -> web.StreamResponse:
    """电子签平台回调（表单、JSON 或 multipart）· the provider's callback; answers `ok` once it is stored"""
    fields = await _fields(call.request)
    try:
        await contracts_of(call).callbacks.receive(fields)
    except ForgedCallback:
        return web.Response(text="invalid signature", status=401)
    return web.Response(text="ok")


async def _fields(request: web.Request) -> dict[str, str]:
    """The message as plain texts, in whichever of its forms it came. What is none of them is forged."""
    try:
        sent: Any = json.loads(await request.read()) if request.content_type == "application/json" else None
        items = dict(await request.post()) if sent is None else sent
        if not isinstance(items, dict) or len(items) > MOST_FIELDS:
            return {}
        fields = {str(name): _text(value) for name, value in items.items() if value is not None}
        "".join([*fields, *fields.values()]).encode()  # half of a character, which JSON may hold, is no text
    except NOT_A_MESSAGE:
        return {}
    return fields if all(len(value) <= LONGEST_VALUE for value in fields.values()) else {}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, web.FileField):
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
