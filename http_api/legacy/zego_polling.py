"""Routes that the legacy guest pages poll, and call when they close. The ticket identifies the guest."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.interviews.errors import RoomNotFound, TicketExpired, TicketInvalid
from domain.interviews.live.teleprompter import PrompterAction
from domain.interviews.polling.state import mutes_since, prompter_since
from domain.interviews.record.model import EndReason, RoomStatus
from domain.interviews.value_types import RoomPhase
from domain.shared.model import Model
from http_api.core.access import PUBLIC
from http_api.core.app_keys import AUTHENTICATOR
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, Ignored
from http_api.legacy.zego import TAG
from http_api.routes.interviews.common import GUEST_ERRORS, guest_of

endpoints = Endpoints("/api/zego", tag=TAG)

Timestamp = Annotated[float, Field(ge=0, le=1e14)]


class PollBody(Model):
    """`lastTimestamp` is the greatest timestamp of the earlier answers. The ticket identifies room and guest."""

    room_id: Ignored = None
    user_id: Ignored = None
    last_timestamp: Timestamp = 0


class ControlMessage(Model):
    control_type: Literal["camera", "microphone", "screen"]
    enabled: Literal[False] = False
    timestamp: int


class ControlMessages(Model):
    messages: list[ControlMessage]


class PrompterMessage(Model):
    type: Literal["CONTENT", "CONTROL"]
    content: str | None = None
    scroll_speed: float | None = None
    action: PrompterAction | None = None
    timestamp: int


class PrompterMessages(Model):
    messages: list[PrompterMessage]
    position: float | None
    """The position now, as a fraction of the whole text."""


class RoomCheck(Model):
    exists: bool
    can_join: bool
    is_dismissed: bool
    is_kicked: bool
    phase: RoomPhase
    end_reason: EndReason | None


POLLED: dict[str, Any] = {"access": PUBLIC, "rate_limit": RateLimit.POLL, "message": FETCHED, "raises": GUEST_ERRORS}


@endpoints.post("/get-remote-control", **POLLED, unaudited="reads only", example={"lastTimestamp": 0})
async def get_remote_control(context: RequestContext, body: PollBody) -> ControlMessages:
    """访客轮询：被关闭的设备（凭入场凭证）· poll the devices that the host turned off"""
    _, seat = await context.services.media.polling_clients.poll(guest_of(context))
    return ControlMessages(
        messages=[
            ControlMessage(
                control_type="microphone" if command.device == "mic" else command.device, timestamp=_ms(command.at)
            )
            for command in mutes_since(seat, _instant(body.last_timestamp))
        ]
    )


@endpoints.post("/get-teleprompter", **POLLED, unaudited="reads only", example={"lastTimestamp": 0})
async def get_teleprompter(context: RequestContext, body: PollBody) -> PrompterMessages:
    """访客轮询：提词器（仅阿姨）· poll changes of the teleprompter (workers only)"""
    room, seat = await context.services.media.polling_clients.poll(guest_of(context))
    update = prompter_since(room, seat, _instant(body.last_timestamp), context.request.app[AUTHENTICATOR].clock.now())
    if update is None:
        return PrompterMessages(messages=[], position=None)
    at = _ms(update.at)
    messages = [PrompterMessage(type="CONTROL", action=action, timestamp=at) for action in update.actions]
    if (text := update.text) is not None:
        content = PrompterMessage(type="CONTENT", content=text.content, scroll_speed=text.speed, timestamp=at)
        messages.insert(0, content)
    return PrompterMessages(messages=messages, position=update.position)


@endpoints.post(
    "/check-room",
    access=PUBLIC,
    rate_limit=RateLimit.POLL,
    unaudited="reads only",
    message=FETCHED,
    raises=(TicketInvalid, TicketExpired, RoomNotFound),
    example={},
)
async def check_room(context: RequestContext, body: PollBody) -> RoomCheck:
    """访客轮询：面试间状态；区分解散与移出 · poll the room status; tells an ended interview from a removal"""
    guest = guest_of(context)
    room = await context.services.interviews.rooms.find(guest.room_id)
    kicked = any(ban.participant_id == guest.participant_id for ban in room.bans)
    return RoomCheck(
        exists=True,
        can_join=room.status is RoomStatus.ACTIVE and not kicked,
        is_dismissed=room.status is RoomStatus.ENDED,
        is_kicked=kicked,
        phase=room.phase,
        end_reason=room.end_reason,
    )


@endpoints.post(
    "/leave-room",
    access=PUBLIC,
    rate_limit=RateLimit.POLL,
    unaudited="the room records who left",
    raises=(TicketInvalid, TicketExpired),
)
async def leave_room(context: RequestContext) -> None:
    """访客离开（页面关闭时的 beacon，凭入场凭证）· the guest page was closed; identified by the ticket"""
    await context.services.media.polling_clients.leave(guest_of(context))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _instant(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(min(milliseconds, 32_503_680_000_000) / 1000, UTC)
