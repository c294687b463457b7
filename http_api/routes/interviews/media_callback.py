"""What the media provider tells us. Believed when it proves itself; acted upon when it is still news."""

from domain.interviews.media.plane import ForgedReport
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.endpoint import Call, Endpoints
from http_api.core.provider_messages import fields_of
from http_api.core.rate_limits import Rate

endpoints = Endpoints("/api/zego", tag=Text("即构回调", "Callbacks of ZEGO"))


@endpoints.post(
    "/callback",
    access=PUBLIC,
    rate=Rate.CALLBACK,
    unaudited="a hint; every step that follows from it is written down by the room",
    raises=(ForgedReport,),
)
async def callback(call: Call) -> None:
    """即构房间回调（JSON 或表单）· reports of rooms; anything but 2xx makes ZEGO send them again"""
    await call.services.media.watch.receive(await fields_of(call.request))
