"""Routes of the legacy interview pages: media tokens, and the commands of the host.

Identities that these pages send are ignored: staff are identified by their log-in, guests by their ticket.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from domain.interviews.errors import (
    CannotJoin,
    DismissFailed,
    KickFailed,
    MediaNotConfigured,
    MediaUserIdTaken,
    PrompterForWorkersOnly,
    RoomEnded,
    RoomNotOpen,
    TargetNotFound,
)
from domain.interviews.live.commands import PrompterText, Reason, RoomId
from domain.interviews.live.teleprompter import PrompterAction
from domain.interviews.media.credentials import MediaToken
from domain.interviews.media.tokens import GuestCredentials, MediaTokenRequest, MediaUserId
from domain.shared.model import JsonBool, Model
from domain.shared.plain_text import PRINTABLE_ASCII, clean_line, one_line
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.app_keys import AUTHENTICATOR
from http_api.core.endpoint import ApiResponse, Endpoints, RequestContext
from http_api.core.envelope import failure_from
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import DONE, FETCHED, Ignored
from http_api.routes.interviews.common import (
    CAN_END,
    CAN_HOST,
    CAN_VIEW,
    JOIN_ERRORS,
    OPENING_ERRORS,
    ROOM_ERRORS,
    ticket_in,
)
from http_api.routes.interviews.guest_links import INVITE_COOKIE, TICKET_COOKIE, cookie

TAG = Text("视频面试（现有页面）", "Video interviews: paths of the legacy pages")
endpoints = Endpoints("/api/zego", tag=TAG)

TICKET_COOKIE_SECONDS = 6 * 3600
MIN_SPEED, MAX_SPEED = 5.0, 200.0
COMMAND_ERRORS = (*ROOM_ERRORS, RoomEnded, RoomNotOpen, TargetNotFound)
_IDENTITY_PREFIX = re.compile(r"^(?:客户|阿姨|customer|helper)-?")

TargetId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE_ASCII)]
Speed = Annotated[
    float, Field(allow_inf_nan=False), AfterValidator(lambda speed: min(max(speed, MIN_SPEED), MAX_SPEED))
]
"""Pixels per second; a value out of range is clamped."""


class TokenBody(Model):
    user_id: MediaUserId
    room_id: RoomId
    user_name: Annotated[str, one_line(64)] = ""
    expire_time: Annotated[int, Field(ge=60, le=86_400)] = 7200


class GuestTokenBody(TokenBody):
    """The invitation decides the identity; `role` is ignored, and `userName` is used only if the invitation has no
    name. `ticket` and `inviteCode` may be sent as cookies instead, which `/api/interview/i/{code}` sets."""

    role: Literal["customer", "helper"] = "customer"
    ticket: Annotated[str, StringConstraints(max_length=1400, pattern=PRINTABLE_ASCII)] = ""
    invite_code: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE_ASCII)] = ""


class TokenAnswer(Model):
    token: str
    app_id: int
    user_id: str
    room_id: str
    expire_time: int
    """Seconds from now."""

    @classmethod
    def of(cls, media: MediaToken, room_id: str, now: datetime) -> "TokenAnswer":
        left = int((media.expires_at - now).total_seconds())
        return cls(token=media.token, app_id=media.app_id, user_id=media.user_id, room_id=room_id, expire_time=left)


class GuestTokenAnswer(TokenAnswer):
    participant_id: str
    user_name: str
    role: Literal["customer", "helper"]


class ConfigAnswer(Model):
    app_id: int


class RoomBody(Model):
    room_id: RoomId
    host_user_id: Ignored = None
    user_id: Ignored = None


class KickBody(Model):
    room_id: RoomId
    user_id: TargetId
    reason: Reason = ""
    host_user_id: Ignored = None


class ControlBody(Model):
    room_id: RoomId
    target_user_id: TargetId
    control_type: Literal["camera", "microphone"]
    enabled: JsonBool
    host_user_id: Ignored = None


class PrompterBody(Model):
    """`targetUserIds` are ids in the room, or `ALL` for every worker. Customers never see the text."""

    room_id: RoomId
    content: PrompterText
    scroll_speed: Speed = 50
    target_user_ids: Annotated[list[TargetId], Field(max_length=6)] | Literal["ALL"] = "ALL"
    host_user_id: Ignored = None


class PrompterControlBody(Model):
    room_id: RoomId
    action: PrompterAction
    target_user_ids: Ignored = None
    host_user_id: Ignored = None


class Done(Model):
    room_id: str


@endpoints.post(
    "/generate-token",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    unaudited="a room that is created by it audits that itself",
    raises=(*ROOM_ERRORS, *OPENING_ERRORS, *JOIN_ERRORS, MediaUserIdTaken, MediaNotConfigured),
    example={"userId": "user_1777622400000", "roomId": "room_1777622400000_ab12cd", "userName": "李经理"},
)
async def generate_token(context: RequestContext, body: TokenBody) -> TokenAnswer:
    """主持人令牌；只能用于自己的面试间 · the media token of a host, for the host's own room only"""
    token_request = MediaTokenRequest(room_id=body.room_id, media_user_id=body.user_id, seconds=body.expire_time)
    media = await context.services.media.tokens.for_staff(context.staff, token_request, context.actor)
    return TokenAnswer.of(media, body.room_id, _now(context))


@endpoints.post(
    "/generate-guest-token",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="the room records its participants",
    raises=(CannotJoin, MediaUserIdTaken, MediaNotConfigured),
    example={"userId": "guest_1777622400000_x1", "roomId": "room_1777622400000_ab12cd", "role": "customer"},
)
async def generate_guest_token(
    context: RequestContext, body: GuestTokenBody
) -> ApiResponse[GuestTokenAnswer] | web.StreamResponse:
    """访客令牌，凭邀请或入场凭证 · the media token of a guest, by invitation or ticket"""
    credentials = GuestCredentials(
        ticket=body.ticket or ticket_in(context),
        code=body.invite_code or context.request.cookies.get(INVITE_COOKIE, ""),
        name=clean_line(_IDENTITY_PREFIX.sub("", body.user_name)[:32]),  # cutting may leave half of a character
    )
    token_request = MediaTokenRequest(room_id=body.room_id, media_user_id=body.user_id, seconds=body.expire_time)
    granted = await context.services.media.tokens.for_guest(credentials, token_request)
    secure = context.request.app[AUTHENTICATOR].secure_cookies
    cookies = {"Set-Cookie": cookie(TICKET_COOKIE, granted.ticket, TICKET_COOKIE_SECONDS, secure=secure)}
    if granted.media is None:
        refusal = failure_from(context.request, CannotJoin(reason=granted.refused))
        refusal.headers.update(cookies)
        return refusal
    token = TokenAnswer.of(granted.media, body.room_id, _now(context))
    guest = granted.guest
    answer = GuestTokenAnswer(
        **token.model_dump(), participant_id=guest.participant_id, user_name=guest.name, role=guest.identity
    )
    return ApiResponse(answer, headers=cookies)


@endpoints.get("/config", access=CAN_VIEW, rate_limit=RateLimit.READ, message=FETCHED)
async def config(context: RequestContext) -> ConfigAnswer:
    """即构 AppID（0：未配置）· the app id of ZEGO; 0: ZEGO is not configured"""
    return ConfigAnswer(app_id=context.services.media.app_id)


# --- commands of the host


@endpoints.post(
    "/kick-user",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    unaudited="the room records who was removed, by whom and why",
    message=Text("已移出", "Removed"),
    raises=(KickFailed,),
    example={"roomId": "room_1777622400000_ab12cd", "userId": "guest_1777622400000_x1"},
)
async def kick(context: RequestContext, body: KickBody) -> Done:
    """移出并禁止再次进入，不等待即构 · remove and ban a participant; does not wait for ZEGO"""
    await context.services.media.host_commands.kick(context.staff, body.room_id, body.user_id, body.reason)
    return Done(room_id=body.room_id)


@endpoints.post(
    "/dismiss-room",
    access=CAN_END,
    rate_limit=RateLimit.WRITE,
    audit="interview.dismiss",
    message=Text("已解散", "Interview ended"),
    raises=(DismissFailed,),
    example={"roomId": "room_1777622400000_ab12cd"},
)
async def dismiss(context: RequestContext, body: RoomBody) -> Done:
    """结束面试 · end the interview for everyone"""
    await context.services.media.host_commands.dismiss(context.staff, body.room_id, context.actor)
    return Done(room_id=body.room_id)


@endpoints.post(
    "/remote-control",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    unaudited="a transient command",
    message=DONE,
    raises=COMMAND_ERRORS,
    example={
        "roomId": "room_1777622400000_ab12cd",
        "targetUserId": "guest_1777622400000_x1",
        "controlType": "microphone",
        "enabled": False,
    },
)
async def remote_control(context: RequestContext, body: ControlBody) -> Done:
    """远程关闭设备；开启须对方同意 · turn a device off, or ask to turn it on"""
    device: Literal["camera", "mic"] = "mic" if body.control_type == "microphone" else "camera"
    await context.services.media.host_commands.control_device(
        context.staff,
        body.room_id,
        body.target_user_id,
        device,
        on=body.enabled,
    )
    return Done(room_id=body.room_id)


PROMPTER: dict[str, Any] = {
    "access": CAN_HOST,
    "rate_limit": RateLimit.WRITE,
    "unaudited": "a transient command",
    "message": DONE,
    "raises": (*COMMAND_ERRORS, PrompterForWorkersOnly),
}
TEXT_EXAMPLE = {
    "roomId": "room_1777622400000_ab12cd",
    "content": "您好，我叫赵阿姨，从事母婴护理八年。",
    "scrollSpeed": 30,
}


@endpoints.post("/push-teleprompter", **PROMPTER, example=TEXT_EXAMPLE)
async def push_teleprompter(context: RequestContext, body: PrompterBody) -> Done:
    """推送提词内容 · load a text for the workers in the room"""
    return await _load_prompter(context, body, play=False)


@endpoints.post("/quick-start-teleprompter", **PROMPTER, example=TEXT_EXAMPLE)
async def quick_start_teleprompter(context: RequestContext, body: PrompterBody) -> Done:
    """推送并立即滚动 · load a text and start scrolling"""
    return await _load_prompter(context, body, play=True)


@endpoints.post("/control-teleprompter", **PROMPTER, example={"roomId": "room_1777622400000_ab12cd", "action": "PAUSE"})
async def control_teleprompter(context: RequestContext, body: PrompterControlBody) -> Done:
    """控制提词器 · control the teleprompter"""
    await context.services.media.host_commands.control_prompter(context.staff, body.room_id, body.action)
    return Done(room_id=body.room_id)


async def _load_prompter(context: RequestContext, body: PrompterBody, *, play: bool) -> Done:
    targets = [] if body.target_user_ids == "ALL" else body.target_user_ids
    host_commands = context.services.media.host_commands
    await host_commands.load_prompter(context.staff, body.room_id, targets, body.content, body.scroll_speed, play=play)
    return Done(room_id=body.room_id)


def _now(context: RequestContext) -> datetime:
    return context.request.app[AUTHENTICATOR].clock.now()
