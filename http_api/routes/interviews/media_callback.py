"""Callbacks of the media provider."""

from domain.interviews.errors import ForgedReport
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.body_errors import BodyTooLarge
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.provider_callbacks import callback_fields
from http_api.core.rate_limits import RateLimit

endpoints = Endpoints("/api/zego", tag=Text("即构回调", "Callbacks of ZEGO"))


@endpoints.post(
    "/callback",
    access=PUBLIC,
    rate_limit=RateLimit.CALLBACK,
    unaudited="the room records everything that follows from a report",
    raises=(ForgedReport, BodyTooLarge),
)
async def callback(context: RequestContext) -> None:
    """即构房间回调（JSON 或表单）· room callbacks of ZEGO, which repeats a callback that is not answered with 2xx"""
    await context.services.media.room_sync.receive(await callback_fields(context.request))
