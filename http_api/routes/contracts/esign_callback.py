"""The route of the e-sign provider's callbacks: verified, stored, answered `ok`, and processed afterwards."""

from aiohttp import web

from domain.contracts.errors import ForgedCallback
from http_api.core.access import PUBLIC
from http_api.core.body_errors import BodyTooLarge
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.provider_callbacks import callback_fields
from http_api.core.rate_limits import RateLimit
from http_api.routes.contracts.common import ESIGN_TAG, contracts_of

endpoints = Endpoints("/api/esign", tag=ESIGN_TAG)


@endpoints.post(
    "/callback",
    access=PUBLIC,
    rate_limit=RateLimit.CALLBACK,
    unaudited="a hint; resulting transitions are audited",
    raises=(ForgedCallback, BodyTooLarge),
    produces="text/plain",
)
async def callback(context: RequestContext) -> web.StreamResponse:
    """电子签平台回调（表单、JSON 或 multipart）· a callback of the provider; answered `ok` once it is stored"""
    fields = await callback_fields(context.request)
    try:
        await contracts_of(context).callbacks.receive(fields)
    except ForgedCallback:
        return web.Response(text="invalid signature", status=401)
    return web.Response(text="ok")
