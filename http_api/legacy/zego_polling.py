"""What guests' pages of today ask again and again, and say when they close. The ticket tells who they are."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.interviews.errors import RoomNotFound, TicketExpired, TicketInvalid
from domain.interviews.live.host_commands import PrompterAction
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
from http_api.routes.interviews.common import GUEST, guest_of

endpoints = Endpoints("/api/zego", tag=TAG)

Timestamp = Annotated[float, Field(ge=0, le=1e14)]


class PollBody(Model):
    """`lastTimestamp`: the greatest of what was answered before. The ticket says which room, and who."""

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
    """Where the text stands now, a share of the whole: for a page that can begin there."""


class RoomCheck(Model):
    exists: bool
    can_join: bool
    is_dismissed: bool
    is_kicked: bool
    phase: RoomPhase
    end_reason: EndReason | None


POLL: dict[str, Any] = {"access": PUBLIC, "rate_limit": RateLimit.POLL, "message": FETCHED, "raises": GUEST}


@endpoints.post("/get-remote-control", **POLL, unaudited="reads", example={"lastTimestamp": 0})
async def get_remote_control(context: RequestContext, body: PollBody) -> ControlMessages:
    """访客轮询：被关闭的设备（凭入场凭证）· what the host switched off since"""
    _, seat = await context.services.media.pollers.seen(guest_of(context))
    return ControlMessages(
        messages=[
            ControlMessage(
                control_type="microphone" if command.device == "mic" else command.device, timestamp=_ms(command.at)
            )
            for command in mutes_since(seat, _instant(body.last_timestamp))
        ]
    )


@endpoints.post("/get-teleprompter", **POLL, unaudited="reads", example={"lastTimestamp": 0})
async def get_teleprompter(context: RequestContext, body: PollBody) -> PrompterMessages:
    """访客轮询：提词器（仅阿姨）· what is new on the teleprompter, for workers"""
    room, seat = await context.services.media.pollers.seen(guest_of(context))
    news = prompter_since(room, seat, _instant(body.last_timestamp), context.request.app[AUTHENTICATOR].clock.now())
    if news is None:
        return PrompterMessages(messages=[], position=None)
    at = _ms(news.at)
    messages = [PrompterMessage(type="CONTROL", action=word, timestamp=at) for word in news.words]
    if (text := news.text) is not None:
        content = PrompterMessage(type="CONTENT", content=text.content, scroll_speed=text.speed, timestamp=at)
        messages.insert(0, content)
    return PrompterMessages(messages=messages, position=news.position)


@endpoints.post(
    "/check-room",
    access=PUBLIC,
    rate_limit=RateLimit.POLL,
    unaudited="reads",
    message=FETCHED,
    raises=(TicketInvalid, TicketExpired, RoomNotFound),
    example={},
)
async def check_room(context: RequestContext, body: PollBody) -> RoomCheck:
    """访客轮询：面试间状态；区分解散与移出 · dismissed, or removed? The two are told apart"""
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
    unaudited="the room writes down who left",
    raises=(TicketInvalid, TicketExpired),
)
async def leave_room(context: RequestContext) -> None:
    """访客离开（页面关闭时的 beacon，凭入场凭证）· a guest's page closes; the ticket says who, not what is sent"""
    await context.services.media.pollers.leave(guest_of(context))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _instant(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(min(milliseconds, 32_503_680_000_000) / 1000, UTC)
