"""Routes of invitations (邀请): hosts create and revoke links; guests redeem them for tickets."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from domain.interviews.errors import (
    Banned,
    InviteExpired,
    InviteInvalid,
    InviteUsedUp,
    MediaUserIdTaken,
    RoomEnded,
    RoomNotFound,
    RoomNotOpen,
    TicketExpired,
    TicketInvalid,
    TooManyInvites,
)
from domain.interviews.invites.model import GuestIdentity, GuestName, Invite
from domain.interviews.invites.service import InvitePreview, IssuedTicket, NewInvite
from domain.interviews.media.credentials import MediaCredentials
from domain.interviews.media.tokens import MediaTokenRequest, MediaUserId
from domain.shared.model import Instant, Model
from domain.shared.plain_text import PRINTABLE_ASCII
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.app_keys import AUTHENTICATOR
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED
from http_api.routes.interviews.common import (
    CAN_HOST,
    CAN_VIEW,
    GUEST_ERRORS,
    ROOM_ERRORS,
    TAG,
    PathRoomId,
    guest_of,
    link_to,
    ticket_in,
)
from http_api.routes.interviews.guest_links import GUEST_LINKS, INVITE_COOKIE, cookie

endpoints = Endpoints("/api/interview", tag=TAG)

INVITE_COOKIE_SECONDS = 6 * 3600
Code = Annotated[str, Field(min_length=20, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class InviteAnswer(Model):
    id: str
    identity: GuestIdentity
    name: str | None
    max_uses: int
    uses: int
    expires_at: Instant
    created_at: Instant
    created_by: str
    revoked_at: Instant | None

    @classmethod
    def of(cls, invite: Invite) -> "InviteAnswer":
        return cls(**{**invite.model_dump(), "name": invite.name or None})


class InviteMade(Model):
    """`inviteLink` contains `code`; either one can be redeemed."""

    invite: InviteAnswer
    room_id: str
    code: str
    invite_link: str


class InviteList(Model):
    invites: list[InviteAnswer]


class RedeemBody(Model):
    """`name` is the guest's name; ignored when the host gave one."""

    name: GuestName = ""


class TicketBody(Model):
    """`ticket` may be empty when the ticket is in the header or cookie."""

    ticket: Annotated[str, StringConstraints(max_length=1400, pattern=PRINTABLE_ASCII)] = ""


class GuestTokenBody(Model):
    user_id: MediaUserId | None = None


@endpoints.post(
    "/rooms/{room_id}/invites",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    audit="interview.invite",
    message=Text("邀请已生成", "Invitation created"),
    raises=(*ROOM_ERRORS, RoomEnded, TooManyInvites),
    statuses=(201,),
    example={"identity": "helper", "name": "赵阿姨", "maxUses": 1, "validHours": 24},
)
async def invite(context: RequestContext, room_id: PathRoomId, body: NewInvite) -> InviteMade:
    """生成邀请链接：身份、姓名、次数、有效期 · create a signed link for a customer or a worker"""
    made = await context.services.interviews.invites.create(context.staff, room_id, body, context.actor)
    return InviteMade(
        invite=InviteAnswer.of(made.invite),
        room_id=room_id,
        code=made.code,
        invite_link=link_to(context, room_id, made.code),
    )


@endpoints.get(
    "/rooms/{room_id}/invites",
    access=CAN_VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=ROOM_ERRORS,
)
async def list_invites(context: RequestContext, room_id: PathRoomId) -> InviteList:
    """邀请列表 · list the invitations and their uses"""
    invites = await context.services.interviews.invites.list_invites(context.staff, room_id)
    return InviteList(invites=[InviteAnswer.of(each) for each in invites])


@endpoints.delete(
    "/rooms/{room_id}/invites/{invite_id}",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    audit="interview.revoke-invite",
    message=Text("邀请已撤销", "Invitation revoked"),
    raises=(*ROOM_ERRORS, InviteInvalid),
)
async def revoke(context: RequestContext, room_id: PathRoomId, invite_id: EntityId) -> InviteAnswer:
    """撤销邀请，未入场者的凭证一并失效 · revoke; tickets of guests who have not joined become invalid"""
    return InviteAnswer.of(
        await context.services.interviews.invites.revoke(context.staff, room_id, invite_id, context.actor)
    )


@endpoints.get(
    "/invites/{code}",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    message=FETCHED,
    raises=(InviteInvalid, InviteExpired, InviteUsedUp, RoomNotFound, RoomEnded),
)
async def preview(context: RequestContext, code: Code) -> InvitePreview:
    """邀请的面试与开始时间，不计使用次数 · the interview of an invitation, and whether it is open; counts no use"""
    return await context.services.interviews.invites.preview(code)


@endpoints.post(
    "/invites/{code}/redeem",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="the invitation counts its uses, the room records its participants",
    raises=(InviteInvalid, InviteExpired, InviteUsedUp, RoomNotFound, RoomEnded, RoomNotOpen),
    statuses=(201,),
    example={"name": "王女士"},
)
async def redeem(context: RequestContext, code: Code, body: RedeemBody) -> IssuedTicket:
    """兑换邀请，取得入场凭证 · redeem an invitation for the ticket of one new guest"""
    return await context.services.interviews.invites.redeem(code, body.name)


@endpoints.post(
    "/tickets/renew",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="extends a ticket",
    raises=(TicketInvalid, TicketExpired, RoomNotFound, RoomEnded, RoomNotOpen, Banned),
    example={},
)
async def renew_ticket(context: RequestContext, body: TicketBody) -> IssuedTicket:
    """续期入场凭证 · extend a ticket by some hours"""
    return await context.services.interviews.invites.renew(body.ticket or ticket_in(context))


@endpoints.post(
    "/token",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="a token for a room that the guest may join anyway",
    raises=(*GUEST_ERRORS, MediaUserIdTaken),
    example={},
)
async def guest_token(context: RequestContext, body: GuestTokenBody) -> MediaCredentials:
    """访客续期音视频令牌与 TURN 凭证（X-Interview-Ticket）· renew a guest's media token and TURN credentials"""
    guest = guest_of(context)
    token_request = MediaTokenRequest(room_id=guest.room_id, media_user_id=body.user_id)
    return await context.services.media.tokens.renew(guest, token_request)


@endpoints.get(
    "/i/{code}",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    raises=(InviteInvalid,),
    statuses=(302,),
    produces="text/html",
)
async def enter(context: RequestContext, code: Code) -> web.StreamResponse:
    """邀请入口：记下邀请并打开访客页 · store the invitation in a cookie and open the guest page; counts no use"""
    room_id = context.services.interviews.invites.room_id_of(code)
    secure = context.request.app[AUTHENTICATOR].secure_cookies
    response = web.Response(status=302)
    response.headers["Location"] = context.request.app[GUEST_LINKS].page_of(room_id, code)
    response.headers["Set-Cookie"] = cookie(INVITE_COOKIE, code, INVITE_COOKIE_SECONDS, secure=secure)
    return response
