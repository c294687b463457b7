"""The paths of today's interview pages, unchanged outside: tokens, and the host's commands.

Whatever these pages send about who they are is read over: staff are known by their log-in, guests by their ticket.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import AfterValidator, Field

from domain.interviews.errors import (
    CannotJoin,
    DismissFailed,
    KickFailed,
    MediaUserIdTaken,
    PrompterForWorkersOnly,
    RoomEnded,
    RoomNotOpen,
    TargetNotFound,
)
from domain.interviews.live.commands import RoomId, ShortText
from domain.interviews.live.host_commands import PrompterAction
from domain.interviews.live.results import MediaToken
from domain.interviews.media.ports import MediaNotConfigured
from domain.interviews.media.tokens import GuestCredentials, MediaTokenRequest, MediaUserId
from domain.shared.model import JsonBool, Model
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.app_keys import AUTHENTICATOR
from http_api.core.endpoint import ApiResponse, Endpoints, RequestContext
from http_api.core.envelope import failure_from
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import DONE, FETCHED, Ignored
from http_api.routes.interviews.common import BEGINNING, ENDS, ENTERING, HOSTS, ONE, SEES, shown_ticket
from http_api.routes.interviews.guest_links import INVITE_COOKIE, TICKET_COOKIE, cookie

TAG = Text("视频面试（现有页面）", "Video interviews: paths of today's pages")
endpoints = Endpoints("/api/zego", tag=TAG)

TICKET_COOKIE_SECONDS = 6 * 3600
SLOWEST, FASTEST = 5.0, 200.0
COMMANDS = (*ONE, RoomEnded, RoomNotOpen, TargetNotFound)
_LABEL = re.compile(r"^(?:客户|阿姨|customer|helper)-?")

TargetId = Annotated[str, Field(min_length=1, max_length=64)]
Speed = Annotated[float, Field(allow_inf_nan=False), AfterValidator(lambda speed: min(max(speed, SLOWEST), FASTEST))]
"""Pixels a second; what is out of bounds is brought into them."""


class TokenBody(Model):
    user_id: MediaUserId
    room_id: RoomId
    user_name: Annotated[str, Field(max_length=64)] = ""
    expire_time: Annotated[int, Field(ge=60, le=86_400)] = 7200


class GuestTokenBody(TokenBody):
    """`role` and `userName` are wishes: the invitation says who somebody is. `ticket` and `inviteCode` may come as
    cookies instead, set by `/api/interview/i/{code}`."""

    role: Literal["customer", "helper"] = "customer"
    ticket: Annotated[str, Field(max_length=1400)] = ""
    invite_code: Annotated[str, Field(max_length=200)] = ""


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
    reason: ShortText = ""
    host_user_id: Ignored = None


class ControlBody(Model):
    room_id: RoomId
    target_user_id: TargetId
    control_type: Literal["camera", "microphone"]
    enabled: JsonBool
    host_user_id: Ignored = None


class PrompterBody(Model):
    """`targetUserIds`: ids in the room, or `ALL` for every worker. Families are never shown the text."""

    room_id: RoomId
    content: Annotated[str, Field(min_length=1, max_length=20_000)]
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
    access=HOSTS,
    rate_limit=RateLimit.WRITE,
    unaudited="a room that begins with it writes that down itself",
    raises=(*ONE, *BEGINNING, *ENTERING, MediaUserIdTaken, MediaNotConfigured),
    example={"userId": "user_1777622400000", "roomId": "room_1777622400000_ab12cd", "userName": "李经理"},
)
async def generate_token(context: RequestContext, body: TokenBody) -> TokenAnswer:
    """主持人令牌；只能用于自己的面试间 · the host's token, for their own room only"""
    wish = MediaTokenRequest(room_id=body.room_id, media_user_id=body.user_id, seconds=body.expire_time)
    media = await context.services.media.passes.for_staff(context.staff, wish, context.actor)
    return TokenAnswer.of(media, body.room_id, _now(context))


@endpoints.post(
    "/generate-guest-token",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="the room writes down who came",
    raises=(CannotJoin, MediaUserIdTaken, MediaNotConfigured),
    example={"userId": "guest_1777622400000_x1", "roomId": "room_1777622400000_ab12cd", "role": "customer"},
)
async def generate_guest_token(
    context: RequestContext, body: GuestTokenBody
) -> ApiResponse[GuestTokenAnswer] | web.StreamResponse:
    """访客令牌，凭邀请或入场凭证 · a guest's token, for who was invited"""
    proof = GuestCredentials(
        ticket=body.ticket or shown_ticket(context),
        code=body.invite_code or context.request.cookies.get(INVITE_COOKIE, ""),
        name=_LABEL.sub("", body.user_name.strip())[:32],
    )
    wish = MediaTokenRequest(room_id=body.room_id, media_user_id=body.user_id, seconds=body.expire_time)
    entered = await context.services.media.passes.for_guest(proof, wish)
    secure = context.request.app[AUTHENTICATOR].secure_cookies
    kept = {"Set-Cookie": cookie(TICKET_COOKIE, entered.ticket, TICKET_COOKIE_SECONDS, secure=secure)}
    if entered.media is None:
        refusal = failure_from(context.request, CannotJoin(reason=entered.refused))
        refusal.headers.update(kept)
        return refusal
    token = TokenAnswer.of(entered.media, body.room_id, _now(context))
    guest = entered.guest
    answer = GuestTokenAnswer(
        **token.model_dump(), participant_id=guest.participant_id, user_name=guest.name, role=guest.identity
    )
    return ApiResponse(answer, headers=kept)


@endpoints.get("/config", access=SEES, rate_limit=RateLimit.READ, message=FETCHED)
async def config(context: RequestContext) -> ConfigAnswer:
    """即构 AppID（0：未配置）· the AppID with ZEGO; 0: none is configured"""
    return ConfigAnswer(app_id=context.services.media.app_id)


# --- the host's commands


@endpoints.post(
    "/kick-user",
    access=HOSTS,
    rate_limit=RateLimit.WRITE,
    unaudited="the room keeps who was removed, by whom and why",
    message=Text("已移出", "Removed"),
    raises=(KickFailed,),
    example={"roomId": "room_1777622400000_ab12cd", "userId": "guest_1777622400000_x1"},
)
async def kick(context: RequestContext, body: KickBody) -> Done:
    """移出并禁止再次进入，不等待即构 · remove and ban; nobody waits for the provider"""
    await context.services.media.desk.kick(context.staff, body.room_id, body.user_id, body.reason)
    return Done(room_id=body.room_id)


@endpoints.post(
    "/dismiss-room",
    access=ENDS,
    rate_limit=RateLimit.WRITE,
    audit="interview.dismiss",
    message=Text("已解散", "Dismissed"),
    raises=(DismissFailed,),
    example={"roomId": "room_1777622400000_ab12cd"},
)
async def dismiss(context: RequestContext, body: RoomBody) -> Done:
    """解散面试间 · end it for everybody"""
    await context.services.media.desk.dismiss(context.staff, body.room_id, context.actor)
    return Done(room_id=body.room_id)


@endpoints.post(
    "/remote-control",
    access=HOSTS,
    rate_limit=RateLimit.WRITE,
    unaudited="a moment of a conversation",
    message=DONE,
    raises=COMMANDS,
    example={
        "roomId": "room_1777622400000_ab12cd",
        "targetUserId": "guest_1777622400000_x1",
        "controlType": "microphone",
        "enabled": False,
    },
)
async def remote_control(context: RequestContext, body: ControlBody) -> Done:
    """远程关闭设备；开启须对方同意 · switch a device off; switching on only asks"""
    device: Literal["camera", "mic"] = "mic" if body.control_type == "microphone" else "camera"
    await context.services.media.desk.switch(context.staff, body.room_id, body.target_user_id, device, on=body.enabled)
    return Done(room_id=body.room_id)


PROMPTER: dict[str, Any] = {
    "access": HOSTS,
    "rate_limit": RateLimit.WRITE,
    "unaudited": "a moment of a conversation",
    "message": DONE,
    "raises": (*COMMANDS, PrompterForWorkersOnly),
}
TEXT_EXAMPLE = {
    "roomId": "room_1777622400000_ab12cd",
    "content": "您好，我叫赵阿姨，从事母婴护理八年。",
    "scrollSpeed": 30,
}


@endpoints.post("/push-teleprompter", **PROMPTER, example=TEXT_EXAMPLE)
async def push_teleprompter(context: RequestContext, body: PrompterBody) -> Done:
    """推送提词内容 · a text for the workers in the room"""
    return await _load(context, body, play=False)


@endpoints.post("/quick-start-teleprompter", **PROMPTER, example=TEXT_EXAMPLE)
async def quick_start_teleprompter(context: RequestContext, body: PrompterBody) -> Done:
    """推送并立即滚动 · a text that begins to scroll at once"""
    return await _load(context, body, play=True)


@endpoints.post("/control-teleprompter", **PROMPTER, example={"roomId": "room_1777622400000_ab12cd", "action": "PAUSE"})
async def control_teleprompter(context: RequestContext, body: PrompterControlBody) -> Done:
    """控制提词器 · steer it"""
    await context.services.media.desk.steer_prompter(context.staff, body.room_id, body.action)
    return Done(room_id=body.room_id)


async def _load(context: RequestContext, body: PrompterBody, *, play: bool) -> Done:
    targets = [] if body.target_user_ids == "ALL" else body.target_user_ids
    desk = context.services.media.desk
    await desk.load_prompter(context.staff, body.room_id, targets, body.content, body.scroll_speed, play=play)
    return Done(room_id=body.room_id)


def _now(context: RequestContext) -> datetime:
    return context.request.app[AUTHENTICATOR].clock.now()
