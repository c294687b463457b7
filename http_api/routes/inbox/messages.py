"""Routes of the messages to a mini-program user: list, read one, read all."""

from typing import Any, Final, Self

from domain.notifications.inbox.model import InboxMessageNotFound, InboxPage, InboxRow
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest
from domain.shared.text import Text
from http_api.core.access import MiniProgramUser
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import FETCHED, USER_ERRORS, Ignored

endpoints = Endpoints("/api/miniprogram/notifications", tag=Text("客户的消息", "A customer's messages"))

READ: Final = Text("已标为已读", "Marked as read")


class MessageQuery(PageRequest):
    unread: bool = False
    """Only messages that are not read."""
    phone: Ignored = None


class MessageAnswer(Model):
    id: str
    type: str
    title: str
    title_en: str
    content: str
    content_en: str
    contract_id: str | None
    extra: dict[str, Any]
    is_read: bool
    read_at: Instant | None
    created_at: Instant

    @classmethod
    def of(cls, row: InboxRow) -> Self:
        fields = row.model_dump(exclude={"user_id", "phone", "contract_id"})
        return cls(**fields, contract_id=row.contract_id or None)


class MessageList(Page[MessageAnswer]):
    unread_count: int

    @classmethod
    def of_inbox(cls, found: InboxPage) -> Self:
        page = found.page
        return cls(
            list=[MessageAnswer.of(row) for row in page.list],
            total=page.total,
            page=page.page,
            page_size=page.page_size,
            unread_count=found.unread_count,
        )


class OwnBody(Model):
    """The path and the session name what is read."""

    phone: Ignored = None


class ReadAll(Model):
    updated: int
    """The number of messages that were unread."""


@endpoints.get("", access=MiniProgramUser(), rate_limit=RateLimit.READ, message=FETCHED, raises=USER_ERRORS)
async def list_messages(context: RequestContext, query: MessageQuery) -> MessageList:
    """我的消息 · your messages, newest first"""
    return MessageList.of_inbox(await context.services.inbox.page(context.actor.id, query.unread, query))


@endpoints.post(
    "/read-all",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    message=READ,
    raises=USER_ERRORS,
    unaudited="the message itself says when it was read",
    example={},
)
async def read_all(context: RequestContext, body: OwnBody) -> ReadAll:
    """全部已读 · mark all of your messages as read"""
    return ReadAll(updated=await context.services.inbox.read_all(context.actor.id))


@endpoints.post(
    "/{message_id}/read",
    access=MiniProgramUser(),
    rate_limit=RateLimit.WRITE,
    message=READ,
    raises=(*USER_ERRORS, InboxMessageNotFound),
    unaudited="the message itself says when it was read",
    example={},
)
async def read_message(context: RequestContext, message_id: EntityId, body: OwnBody) -> None:
    """标为已读 · mark one of your messages as read; repeating it changes nothing"""
    await context.services.inbox.read(context.actor.id, message_id)
