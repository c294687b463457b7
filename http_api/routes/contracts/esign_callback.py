"""What the e-sign provider tells us. Verified, stored, answered `ok`; everything else happens afterwards."""

from aiohttp import web

from domain.contracts.errors import ForgedCallback
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.endpoint import Call, Endpoints
from http_api.core.provider_messages import fields_of
from http_api.core.rate_limits import Rate
from http_api.routes.contracts.common import contracts_of

endpoints = Endpoints("/api/esign", tag=Text("电子签", "E-signing"))


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
    fields = await fields_of(call.request)
    try:
        await contracts_of(call).callbacks.receive(fields)
    except ForgedCallback:
        return web.Response(text="invalid signature", status=401)
    return web.Response(text="ok")
