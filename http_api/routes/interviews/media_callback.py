"""What the media provider tells us. Believed when it proves itself; acted upon when it is still news."""

from domain.interviews.media.ports import ForgedReport
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.provider_callbacks import callback_fields
from http_api.core.rate_limits import RateLimit

endpoints = Endpoints("/api/zego", tag=Text("即构回调", "Callbacks of ZEGO"))


@endpoints.post(
    "/callback",
    access=PUBLIC,
    rate_limit=RateLimit.CALLBACK,
    unaudited="a hint; every step that follows from it is written down by the room",
    raises=(ForgedReport,),
)
async def callback(context: RequestContext) -> None:
    """即构房间回调（JSON 或表单）· reports of rooms; anything but 2xx makes ZEGO send them again"""
    await context.services.media.watch.receive(await callback_fields(context.request))
