"""Routes of a member of staff on the own notifications (站内通知)."""

from typing import Annotated, Literal

from pydantic import Field

from domain.notifications.errors import NotificationNotFound
from domain.notifications.model import Notification
from domain.notifications.ports import NotificationQuery
from domain.shared.model import Model
from domain.shared.paging import Page, PageTooDeep
from domain.shared.plain_text import one_line
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.dates import InputInstant
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.page_query import PageQuery
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import DONE, FETCHED, STAFF_ERRORS

TAG = Text("站内通知", "Notifications")
MAX_MARKED = 200
OWN_STATE = "a person marks own notifications, which concerns nobody else"
endpoints = Endpoints("/api/notifications", tag=TAG)

Code = Annotated[str, Field(max_length=64, pattern=r"^[A-Z0-9_]*$")]


class NotificationPage(Page[Notification]):
    """`count` of a notification is the number of facts that were merged into it."""

    unread_count: int


class NotificationListQuery(PageQuery):
    """`kind`: of the record that a notification is about, such as `contract`. `limit` is another name of `pageSize`."""

    status: Literal["unread", "read"] | None = None
    type: Code = ""
    kind: Annotated[str, one_line(32)] = ""
    since: InputInstant | None = None


class UnreadCount(Model):
    count: int


class MarkReadBody(Model):
    notification_ids: Annotated[list[EntityId], Field(min_length=1, max_length=MAX_MARKED)]


class MarkAllReadBody(Model):
    before: InputInstant | None = None
    """Only what had been sent by then; without it, by now."""


class MarkedRead(Model):
    count: int
    """How many were unread."""


@endpoints.get("", access=Staff(), rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep))
async def list_own(context: RequestContext, query: NotificationListQuery) -> NotificationPage:
    """本人的通知，最新在前 · list the own notifications, newest first"""
    wanted = NotificationQuery(status=query.status, type=query.type, kind=query.kind, since=query.since)
    own = context.services.notifications.own
    page = await own.page(context.staff, wanted, query.paging)
    return NotificationPage(**dict(page), unread_count=await own.unread_count(context.staff))


@endpoints.get("/unread-count", access=Staff(), rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def unread_count(context: RequestContext) -> UnreadCount:
    """未读数 · count the own unread notifications"""
    return UnreadCount(count=await context.services.notifications.own.unread_count(context.staff))


@endpoints.put(
    "/mark-read",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    unaudited=OWN_STATE,
    message=DONE,
    raises=(*STAFF_ERRORS, NotificationNotFound),
    example={"notificationIds": ["65f0c1d2e3a4b5c6d7e8f901"]},
)
async def mark_read(context: RequestContext, body: MarkReadBody) -> None:
    """标为已读（全部是本人的才生效） · mark as read; an id that is not the caller's own changes nothing"""
    await context.services.notifications.own.mark_read(context.staff, body.notification_ids)


@endpoints.put(
    "/mark-all-read",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    unaudited=OWN_STATE,
    message=DONE,
    raises=STAFF_ERRORS,
    example={},
)
async def mark_all_read(context: RequestContext, body: MarkAllReadBody) -> MarkedRead:
    """全部标为已读 · mark all that the caller sees as read"""
    return MarkedRead(count=await context.services.notifications.own.mark_all_read(context.staff, body.before))
