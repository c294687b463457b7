"""Invitations (邀请): hosts make links and withdraw them; guests draw tickets with them."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

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
from domain.interviews.invites.model import GuestIdentity, Invite
from domain.interviews.invites.service import NewInvite, Redeemed
from domain.interviews.live.commands import RoomId
from domain.interviews.live.results import MediaCredentials
from domain.interviews.media.tokens import MediaTokenRequest, MediaUserId
from domain.shared.model import Instant, Model
from domain.shared.text import Text
from http_api.core.access import PUBLIC
from http_api.core.app_keys import AUTHENTICATOR
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED
from http_api.routes.interviews.common import GUEST, HOSTS, ONE, SEES, TAG, guest_of, link_to, shown_ticket
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
    """`code` and `inviteLink` are the same proof in two forms."""

    invite: InviteAnswer
    room_id: str
    code: str
    invite_link: str


class InviteList(Model):
    invites: list[InviteAnswer]


class RedeemBody(Model):
    """How the guest wants to be called; a name that the host gave stands."""

    name: Annotated[str, Field(max_length=32)] = ""


class TicketBody(Model):
    """The ticket itself, or nothing when it is shown as header or cookie."""

    ticket: Annotated[str, Field(max_length=1400)] = ""


class GuestTokenBody(Model):
    user_id: MediaUserId | None = None


@endpoints.post(
    "/rooms/{room_id}/invites",
    access=HOSTS,
    rate_limit=RateLimit.WRITE,
    audit="interview.invite",
    message=Text("邀请已生成", "Invited"),
    raises=(*ONE, RoomEnded, TooManyInvites),
    statuses=(201,),
    example={"identity": "helper", "name": "赵阿姨", "maxUses": 1, "validHours": 24},
)
async def invite(context: RequestContext, room_id: RoomId, body: NewInvite) -> InviteMade:
    """生成邀请链接：身份、姓名、次数、有效期 · a signed link for a family or a worker"""
    made = await context.services.interviews.inviting.create(context.staff, room_id, body, context.actor)
    return InviteMade(
        invite=InviteAnswer.of(made.invite),
        room_id=room_id,
        code=made.code,
        invite_link=link_to(context, room_id, made.code),
    )


@endpoints.get("/rooms/{room_id}/invites", access=SEES, rate_limit=RateLimit.READ, message=FETCHED, raises=ONE)
async def list_invites(context: RequestContext, room_id: RoomId) -> InviteList:
    """邀请列表 · who was invited, and who came"""
    invites = await context.services.interviews.inviting.of_room(context.staff, room_id)
    return InviteList(invites=[InviteAnswer.of(each) for each in invites])


@endpoints.delete(
    "/rooms/{room_id}/invites/{invite_id}",
    access=HOSTS,
    rate_limit=RateLimit.WRITE,
    audit="interview.revoke-invite",
    message=Text("邀请已撤销", "Withdrawn"),
    raises=(*ONE, InviteInvalid),
)
async def revoke(context: RequestContext, room_id: RoomId, invite_id: EntityId) -> InviteAnswer:
    """撤销邀请，未入场者的凭证一并失效 · withdraw; tickets of those who were not in yet are void, too"""
    return InviteAnswer.of(
        await context.services.interviews.inviting.revoke(context.staff, room_id, invite_id, context.actor)
    )


@endpoints.post(
    "/invites/{code}/redeem",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="the invitation counts its uses, the room who came",
    raises=(InviteInvalid, InviteExpired, InviteUsedUp, RoomNotFound, RoomEnded),
    statuses=(201,),
    example={"name": "王女士"},
)
async def redeem(context: RequestContext, code: Code, body: RedeemBody) -> Redeemed:
    """兑换邀请，取得入场凭证 · a ticket for one new person, whose identity is issued here"""
    return await context.services.interviews.inviting.redeem(code, body.name)


@endpoints.post(
    "/tickets/renew",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="the same person for some more hours",
    raises=(TicketInvalid, TicketExpired, RoomNotFound, RoomEnded, RoomNotOpen, Banned),
    example={},
)
async def renew_ticket(context: RequestContext, body: TicketBody) -> Redeemed:
    """续期入场凭证 · the same person for some more hours"""
    return await context.services.interviews.inviting.renew(body.ticket or shown_ticket(context))


@endpoints.post(
    "/token",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    unaudited="a token for a room that one may be in anyway",
    raises=(*GUEST, MediaUserIdTaken),
    example={},
)
async def guest_token(context: RequestContext, body: GuestTokenBody) -> MediaCredentials:
    """访客续期音视频令牌与 TURN 凭证（X-Interview-Ticket）· a guest's fresh token and TURN credentials"""
    guest = guest_of(context)
    wish = MediaTokenRequest(room_id=guest.room_id, media_user_id=body.user_id)
    return await context.services.media.passes.renewed(guest, wish)


@endpoints.get(
    "/i/{code}",
    access=PUBLIC,
    rate_limit=RateLimit.GUEST,
    raises=(InviteInvalid, InviteExpired),
    statuses=(302,),
    produces="text/html",
)
async def enter(context: RequestContext, code: Code) -> web.StreamResponse:
    """邀请入口：记下邀请并打开访客页 · keeps the invitation in a cookie, opens the guest's page, uses nothing up"""
    room_id = context.services.interviews.inviting.room_of(code)
    links, secure = context.request.app[GUEST_LINKS], context.request.app[AUTHENTICATOR].secure_cookies
    response = web.Response(status=302)
    response.headers["Location"] = links.page_of(context.request, room_id, code, secure=secure)
    response.headers["Set-Cookie"] = cookie(INVITE_COOKIE, code, INVITE_COOKIE_SECONDS, secure=secure)
    return response
