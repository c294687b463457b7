"""Routes of interview rooms (面试间) for staff: create, open, list, end, rate. The log-in decides who is the host."""

from typing import Annotated

from pydantic import AfterValidator, Field

from domain.interviews.errors import (
    ActiveRoomExists,
    MediaUserIdTaken,
    RoomEnded,
    RoomNotEnded,
    RoomNotFound,
    ScheduleNotAhead,
)
from domain.interviews.live.commands import RoomId
from domain.interviews.media.credentials import MediaCredentials
from domain.interviews.media.tokens import MediaTokenRequest, MediaUserId
from domain.interviews.record.listing import RoomFilter, RoomQuery, all_rooms, own_rooms
from domain.interviews.record.model import (
    AttendancePeriod,
    InterviewRoom,
    Participant,
    RoomSource,
    RoomStatus,
    Schedule,
)
from domain.interviews.record.new_room import CandidateText, NewRoom, NoteText, OnConflict, PhoneText, RoomName
from domain.interviews.room_settings import RoomSettings
from domain.interviews.value_types import MediaMode
from domain.shared.errors import InvalidRequest
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.plain_text import one_line
from domain.shared.text import Text
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS, Ignored
from http_api.routes.interviews.common import (
    CAN_END,
    CAN_HOST,
    CAN_MANAGE,
    CAN_VIEW,
    JOIN_ERRORS,
    OPENING_ERRORS,
    ROOM_ERRORS,
    TAG,
    PathRoomId,
    RoomAnswer,
    link_to,
    without_secrets,
)

endpoints = Endpoints("/api/interview", tag=TAG)

_MAX_ADDRESS_LENGTH = 500


def _stored_address(address: str) -> str:
    address = without_secrets(address)
    if len(address) > _MAX_ADDRESS_LENGTH:
        raise ValueError(f"最多 {_MAX_ADDRESS_LENGTH} 个字符 / must have at most {_MAX_ADDRESS_LENGTH} characters")
    return address


HostUrl = Annotated[str, one_line(4000), AfterValidator(_stored_address)]


class RoomBody(Model):
    """`onConflict` says what happens to another active room of this host. With a `schedule` the room waits until it is
    opened. `hostUserId` and `hostName` come from the log-in; values that are sent are ignored."""

    room_id: RoomId | None = None
    room_name: RoomName = ""
    source: RoomSource = RoomSource.PC
    host_url: HostUrl = ""
    host_zego_user_id: MediaUserId | None = None
    worker_id: EntityId | None = Field(default=None, alias="resumeId")
    customer_id: EntityId | None = None
    candidate_name: CandidateText = ""
    candidate_phone: PhoneText = ""
    candidate_position: CandidateText = ""
    settings: RoomSettings = RoomSettings()
    schedule: Schedule | None = None
    media_mode: MediaMode | None = None
    on_conflict: OnConflict = "supersede"
    host_user_id: Ignored = None
    host_name: Ignored = None
    status: Ignored = None
    participants: Ignored = None

    def to_new_room(self) -> NewRoom:
        fields = self.model_dump(include=set(NewRoom.model_fields))
        ids = {"worker_id": self.worker_id or "", "customer_id": self.customer_id or ""}
        return NewRoom(**{**fields, **ids})


class QuickBody(Model):
    """A room with one tap in the mini-program."""

    room_name: RoomName = ""
    source: RoomSource = RoomSource.MINIPROGRAM
    worker_id: EntityId | None = Field(default=None, alias="resumeId")


class OpenBody(Model):
    on_conflict: OnConflict = "supersede"


class EndBody(Model):
    """All fields are optional."""

    reason: Ignored = None


class TokenBody(Model):
    """`userId` is the media user id of the token; the default is the participant id."""

    user_id: MediaUserId | None = None


class ReviewBody(Model):
    """Rating (1 to 5) and note of an ended interview, or a new time for a scheduled one."""

    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    interview_note: NoteText | None = None
    schedule: Schedule | None = None


class ListQuery(RoomQuery, PageRequest):
    """`search` is the beginning of a room's name or number, of the host's name, or of the candidate's name, position or
    phone."""

    def room_query(self) -> RoomQuery:
        return RoomQuery(status=self.status, search=self.search, customer_id=self.customer_id)


class AdminQuery(ListQuery):
    host_user_id: EntityId | None = None


class QuickAnswer(Model):
    room_id: str
    room_name: str
    created_at: Instant
    invite_link: str
    """For the customer (客户)."""
    helper_invite_link: str
    """For the worker (阿姨), who sees the teleprompter."""


class StatusAnswer(Model):
    room_id: str
    db_status: RoomStatus
    zego_exists: bool
    zego_can_join: bool
    is_dismissed: bool
    created_at: Instant
    ended_at: Instant | None


class Attendance(Model):
    """`participants` has every participant once, `stays` every period of attendance."""

    participants: list[Participant]
    stays: list[AttendancePeriod]


@endpoints.post(
    "/rooms",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    audit="interview.create",
    message=Text("面试间已创建", "Interview room created"),
    raises=(*OPENING_ERRORS, ScheduleNotAhead),
    statuses=(201,),
    example={"roomName": "李经理的面试间", "candidateName": "赵阿姨", "candidatePosition": "月嫂"},
)
async def create(context: RequestContext, body: RoomBody) -> RoomAnswer:
    """创建面试间，或预约（schedule）· create or schedule a room; a host has one active room"""
    room = await context.services.interviews.rooms.create(
        context.staff, body.to_new_room(), body.on_conflict, context.actor
    )
    if body.host_zego_user_id:
        await context.services.media.ids.claim(room.room_id, body.host_zego_user_id, room.host_zego_user_id)
    return RoomAnswer.of(room)


@endpoints.post(
    "/create-room",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    audit="interview.create",
    raises=(*OPENING_ERRORS, *ROOM_ERRORS, RoomEnded),
    statuses=(201,),
    example={},
)
async def create_quickly(context: RequestContext, body: QuickBody) -> QuickAnswer:
    """小程序快速创建并取得邀请链接 · create a room and links for its guests"""
    new_room = NewRoom(room_name=body.room_name, source=body.source, worker_id=body.worker_id or "")
    return await _with_links(
        context, await context.services.interviews.rooms.create(context.staff, new_room, "supersede", context.actor)
    )


@endpoints.get(
    "/latest-room",
    access=CAN_HOST,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*ROOM_ERRORS, RoomEnded),
)
async def latest(context: RequestContext) -> QuickAnswer:
    """进行中的面试间与邀请链接 · your active room with links for its guests"""
    room = await context.services.interviews.rooms.active_of(context.staff)
    if room is None:
        raise RoomNotFound
    return await _with_links(context, room)


@endpoints.get("/active-room", access=CAN_VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def active(context: RequestContext) -> RoomAnswer | None:
    """进行中的面试间，没有则为 null · your active room, or null"""
    rooms = context.services.interviews.rooms
    room = await rooms.active_of(context.staff)
    return RoomAnswer.of(room, (await rooms.live_rooms([room.room_id])).get(room.room_id)) if room else None


@endpoints.get(
    "/rooms",
    access=CAN_VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*STAFF_ERRORS, PageTooDeep),
)
async def list_own(context: RequestContext, query: ListQuery) -> Page[RoomAnswer]:
    """我的面试间 · your rooms, newest first; with `status=scheduled` the soonest first"""
    return await _page(context, own_rooms(query.room_query(), context.staff), query)


@endpoints.get(
    "/admin/rooms", access=CAN_MANAGE, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep)
)
async def list_all(context: RequestContext, query: AdminQuery) -> Page[RoomAnswer]:
    """全部面试间（管理）· the rooms of all hosts"""
    wanted = all_rooms(query.room_query(), context.staff)
    return await _page(context, wanted.model_copy(update={"host_user_id": query.host_user_id or ""}), query)


@endpoints.get("/rooms/{room_id}", access=CAN_VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=ROOM_ERRORS)
async def detail(context: RequestContext, room_id: PathRoomId) -> RoomAnswer:
    """面试间详情 · one room in detail"""
    rooms = context.services.interviews.rooms
    room = await rooms.get_visible(context.staff, room_id)
    return RoomAnswer.of(room, (await rooms.live_rooms([room_id])).get(room_id))


@endpoints.get(
    "/rooms/{room_id}/status",
    access=CAN_VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=ROOM_ERRORS,
)
async def status(context: RequestContext, room_id: PathRoomId) -> StatusAnswer:
    """面试间状态 · the status of a room"""
    rooms = context.services.interviews.rooms
    room = await rooms.get_visible(context.staff, room_id)
    live = room_id in await rooms.live_rooms([room_id])
    return StatusAnswer(
        room_id=room_id,
        db_status=room.status,
        zego_exists=live,
        zego_can_join=room.status is RoomStatus.ACTIVE,
        is_dismissed=room.status is RoomStatus.ENDED,
        created_at=room.created_at,
        ended_at=room.ended_at,
    )


@endpoints.get(
    "/rooms/{room_id}/participants",
    access=CAN_VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=ROOM_ERRORS,
)
async def participants(context: RequestContext, room_id: PathRoomId) -> Attendance:
    """参与者与进出记录 · participants and their periods of attendance"""
    room = await context.services.interviews.rooms.get_visible(context.staff, room_id)
    return Attendance(participants=list(room.participants), stays=list(room.attendance))


@endpoints.post(
    "/rooms/{room_id}/open",
    access=CAN_HOST,
    rate_limit=RateLimit.WRITE,
    audit="interview.open",
    raises=(*ROOM_ERRORS, *OPENING_ERRORS, RoomEnded),
    example={},
)
async def open_room(context: RequestContext, room_id: PathRoomId, body: OpenBody) -> RoomAnswer:
    """开始已预约的面试 · open a scheduled room"""
    rooms = context.services.interviews.rooms
    return RoomAnswer.of(await rooms.open(context.staff, room_id, body.on_conflict, context.actor))


@endpoints.post(
    "/rooms/{room_id}/end",
    access=CAN_END,
    rate_limit=RateLimit.WRITE,
    audit="interview.end",
    message=Text("面试已结束", "Interview ended"),
    raises=ROOM_ERRORS,
    example={},
)
async def end(context: RequestContext, room_id: PathRoomId, body: EndBody) -> RoomAnswer:
    """结束面试（幂等）；管理员可结束任何面试 · end an interview (idempotent); managers may end any interview"""
    return RoomAnswer.of(await context.services.interviews.rooms.end_by_staff(context.staff, room_id, context.actor))


@endpoints.patch(
    "/rooms/{room_id}",
    access=CAN_END,
    rate_limit=RateLimit.WRITE,
    audit="interview.review",
    message=Text("已保存", "Saved"),
    raises=(*ROOM_ERRORS, RoomEnded, RoomNotEnded, ActiveRoomExists, ScheduleNotAhead),
    example={"rating": 5, "interviewNote": "沟通顺畅，经验丰富"},
)
async def review(context: RequestContext, room_id: PathRoomId, body: ReviewBody) -> RoomAnswer:
    """面试评分、评价；或改约时间 · rate an ended interview, or reschedule one"""
    rooms = context.services.interviews.rooms
    if body.schedule is not None:
        if body.rating is not None or body.interview_note is not None:
            raise InvalidRequest(
                fields=[
                    {
                        "field": "schedule",
                        "problem": "不能与评分或评价同时提交 / must not be sent together with a rating or note",
                    }
                ]
            )
        return RoomAnswer.of(await rooms.reschedule(context.staff, room_id, body.schedule, context.actor))
    return RoomAnswer.of(await rooms.rate(context.staff, room_id, body.rating, body.interview_note, context.actor))


@endpoints.post(
    "/rooms/{room_id}/token",
    access=CAN_END,
    rate_limit=RateLimit.WRITE,
    unaudited="a token for a room that the staff member may join anyway",
    message=Text("已续期", "MediaCredentials"),
    raises=(*ROOM_ERRORS, *JOIN_ERRORS, MediaUserIdTaken),
    example={},
)
async def renew_token(context: RequestContext, room_id: PathRoomId, body: TokenBody) -> MediaCredentials:
    """续期音视频令牌与 TURN 凭证 · renew the media token and the TURN credentials"""
    token_request = MediaTokenRequest(room_id=room_id, media_user_id=body.user_id)
    return await context.services.media.tokens.renew(context.staff, token_request)


async def _page(context: RequestContext, room_filter: RoomFilter, paging: PageRequest) -> Page[RoomAnswer]:
    rooms = context.services.interviews.rooms
    found = await rooms.page(room_filter, PageRequest(page=paging.page, page_size=paging.page_size))
    live = await rooms.live_rooms([room.room_id for room in found.list if room.status is RoomStatus.ACTIVE])
    shown = [RoomAnswer.of(room, live.get(room.room_id)) for room in found.list]
    return Page.of(shown, found.total, found)


async def _with_links(context: RequestContext, room: InterviewRoom) -> QuickAnswer:
    invites = context.services.interviews.invites
    customer = await invites.reusable_link(context.staff, room.room_id, "customer", context.actor)
    worker = await invites.reusable_link(context.staff, room.room_id, "helper", context.actor)
    return QuickAnswer(
        room_id=room.room_id,
        room_name=room.room_name,
        created_at=room.created_at,
        invite_link=link_to(context, room.room_id, customer.code),
        helper_invite_link=link_to(context, room.room_id, worker.code),
    )
