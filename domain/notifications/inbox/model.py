"""A message in the inbox of a mini-program user, and the pages of an inbox."""

from typing import Any, Self

from pydantic import Field

from domain.shared.entity import stable_id
from domain.shared.errors import NotFound
from domain.shared.inbox import InboxMessage
from domain.shared.model import Instant, Model
from domain.shared.paging import Page
from domain.shared.text import Text


class InboxMessageNotFound(NotFound):
    """Also for a message of another account."""

    code = "INBOX_MESSAGE_NOT_FOUND"
    text = Text("消息不存在", "There is no such message")


class InboxRow(Model):
    """A document of `miniprogram_notifications`. Rows of the former system have no English texts.

    A row whose phone no account has verified waits: `user_id` is empty, and no account sees it.
    """

    id: str
    user_id: str = ""
    phone: str = ""
    type: str
    title: str
    title_en: str = ""
    content: str = ""
    content_en: str = ""
    contract_id: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)
    is_read: bool = False
    read_at: Instant | None = None
    created_at: Instant

    @classmethod
    def of(cls, message: InboxMessage) -> Self:
        """The waiting row of a message."""
        return cls(id=row_id(message.key), created_at=message.at, **message.model_dump(exclude={"key", "at"}))


def row_id(key: str) -> str:
    """The same for the same message, so that none is stored twice."""
    return stable_id("inbox", key)


class InboxPage(Model):
    page: Page[InboxRow]
    unread_count: int
